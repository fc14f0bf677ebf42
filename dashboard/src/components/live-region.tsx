import { useState } from 'react';

interface LiveRegionProps {
  /** What the text is about, such as a period: the text is announced once for each. */
  about: string;
  /** Undefined while it loads. */
  text: string | undefined;
}

/** Announces the result of a choice to screen readers once, not every update of its numbers. */
export function LiveRegion({ about, text }: LiveRegionProps) {
  const [announced, setAnnounced] = useState<{ about: string; text: string }>();
  if (text !== undefined && announced?.about !== about) setAnnounced({ about, text });
  return (
    <p className="visually-hidden" role="status">
      {announced?.text}
    </p>
  );
}
