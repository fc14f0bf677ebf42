import { type ReactNode, useEffect, useRef, useState } from 'react';

/** How far below the screen something is loaded: not with the first look, but before it is scrolled to. */
const margin = '40px';

interface LazyMountProps {
  /** Keeps its room while it is empty. */
  className: string;
  children: ReactNode;
}

/** What costs a load of its own, rendered once it comes near the screen. */
export function LazyMount({ className, children }: LazyMountProps) {
  const room = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (near || room.current === null) return;
    const observer = new IntersectionObserver((seen) => setNear(seen.some(({ isIntersecting }) => isIntersecting)), {
      rootMargin: margin,
    });
    observer.observe(room.current);
    return () => observer.disconnect();
  }, [near]);
  return (
    <div ref={room} className={className}>
      {near && children}
    </div>
  );
}
