import { useState } from 'react';

interface LiveRegionProps {
  /** What was asked for: a text is said once for each. */
  about: string;
  /** Undefined while nobody knows. */
  text: string | undefined;
}

/** Says to a screen reader what a choice has led to, and keeps quiet while the same numbers only move. */
export function LiveRegion({ about, text }: LiveRegionProps) {
  const [said, setSaid] = useState<{ about: string; text: string }>();
  if (text !== undefined && said?.about !== about) setSaid({ about, text });
  return (
    <p className="visually-hidden" role="status">
      {said?.text}
    </p>
  );
}
