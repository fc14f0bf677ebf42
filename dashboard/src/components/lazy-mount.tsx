import { type ReactNode, useEffect, useRef, useState } from 'react';

/** Distance below the window at which the content is mounted: before it is scrolled to, but not on the first load. */
const margin = '40px';

interface LazyMountProps {
  /** Reserves the content's height until it is mounted. */
  className: string;
  children: ReactNode;
}

/** Mounts its children when it comes near the window. */
export function LazyMount({ className, children }: LazyMountProps) {
  const slot = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (near || slot.current === null) return;
    const observer = new IntersectionObserver((seen) => setNear(seen.some(({ isIntersecting }) => isIntersecting)), {
      rootMargin: margin,
    });
    observer.observe(slot.current);
    return () => observer.disconnect();
  }, [near]);
  return (
    <div ref={slot} className={className}>
      {near && children}
    </div>
  );
}
