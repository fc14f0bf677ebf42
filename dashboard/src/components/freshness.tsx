import type { ReactNode } from 'react';
import type { Stats } from '#schemas/api.ts';
import { formatCount, plural } from '../format/numbers.ts';
import { formatInstant } from '../format/times.ts';
import { Hint } from './hint.tsx';
import { Notice, StaleNote } from './panel.tsx';

interface FreshnessProps {
  source: Stats['source'];
  freshness: Stats['freshness'];
  zone: string;
  now: number;
  /** Explains the numbers themselves. */
  children?: ReactNode;
}

/** Shows when the numbers were read and up to which hour they are exact. */
export function Freshness({ source, freshness, zone, now, children }: FreshnessProps) {
  const settled = freshness.settledThrough;
  return (
    <p className="freshness">
      <span className="pulse" aria-hidden="true" />
      <span>
        {source === 'lake' ? 'From stored events, as of ' : 'As of '}
        {formatInstant(freshness.hot, zone, now)}
        {settled === null ? ' · no settled hour yet' : ` · exact before ${formatInstant(settled, zone, now)}`} · {zone}
        {freshness.settling && ` · settling: ${formatProgress(freshness.settling)}`}
      </span>
      <Hint about="these numbers">
        {children}
        <p>
          <b>Live</b> numbers follow a click by up to {freshness.seconds} seconds
          {freshness.seconds < 40 && ', or up to 40 with little traffic'}. When an hour settles, it is recounted from
          the stored events and becomes <b>exact</b>.
        </p>
        <p>
          Until then, an event that was sent twice counts twice. Settling can lower a number slightly, because
          duplicates are removed, or raise it, because late events are added.
        </p>
        <p>With a filter, numbers come from the stored events: exact, but only up to the last settled hour.</p>
        <p>
          Daily uniques, sessions, visits, cities, sites, languages and UTM values appear when the day has settled, so
          today is missing.
        </p>
      </Hint>
    </p>
  );
}

interface PartErrorsProps {
  errors: readonly { part: string; message: string }[];
  /** When each part was read, and whether that is an earlier reading. */
  sources: Readonly<Record<string, { asOf: string; stale: boolean } | undefined>>;
  zone: string;
  now: number;
}

/** Says of each part that failed how old the numbers are that stand for it, or what is missing. */
export function PartErrors({ errors, sources, zone, now }: PartErrorsProps) {
  return errors.map(({ part, message }) => {
    const source = sources[part];
    return source?.stale ? (
      <StaleNote key={`${part} ${message}`} at={formatInstant(source.asOf, zone, now)} />
    ) : (
      <Notice key={`${part} ${message}`}>{message}</Notice>
    );
  });
}

/** `62 of 511 hours` */
function formatProgress({ unit, done, total }: NonNullable<Stats['freshness']['settling']>): string {
  return `${formatCount(done)} of ${plural(total, unit.slice(0, -1))}`;
}
