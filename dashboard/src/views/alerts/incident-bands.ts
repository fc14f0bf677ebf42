import type { Anomaly } from '#schemas/api/detection.ts';

/** The part of a series that an incident covers, as its first and last point. */
export interface Band {
  id: string;
  from: string;
  to: string;
  words: string;
}

/** @param points a series in the page's time zone, in order */
export function toBands(anomalies: readonly Anomaly[], points: readonly { start: string }[]): Band[] {
  return anomalies.flatMap(({ id, since, lastAlert, state, words }) => {
    const inside = points.filter(
      ({ start }) => toDate(start) >= toDate(since) && (state === 'open' || toDate(start) <= toDate(lastAlert)),
    );
    const [first, last] = [inside[0], inside.at(-1)];
    return first === undefined || last === undefined
      ? []
      : [{ id, from: first.start, to: last.start, words: words.line }];
  });
}

/** Returns the local date of a day or an hour. */
function toDate(at: string): string {
  return at.slice(0, 10);
}

export function bandsAt(bands: readonly Band[], start: string): Band[] {
  return bands.filter(({ from, to }) => from <= start && start <= to);
}
