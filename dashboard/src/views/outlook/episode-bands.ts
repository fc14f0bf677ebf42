import type { Anomaly } from '#schemas/api/outlook.ts';

/** Where an alert lies on a series of points: from its first one to its last. */
export interface Band {
  id: string;
  from: string;
  to: string;
  words: string;
}

/** Local date of a point or of an alert, whether it is a day or an hour. */
const dateOf = (at: string): string => at.slice(0, 10);

/** @param points starts of a series in the page's own zone, in order */
export const bandsOf = (anomalies: readonly Anomaly[], points: readonly { start: string }[]): Band[] =>
  anomalies.flatMap(({ id, since, lastAlert, state, words }) => {
    const inside = points.filter(
      ({ start }) => dateOf(start) >= dateOf(since) && (state === 'open' || dateOf(start) <= dateOf(lastAlert)),
    );
    const [first, last] = [inside[0], inside.at(-1)];
    return first === undefined || last === undefined
      ? []
      : [{ id, from: first.start, to: last.start, words: words.line }];
  });

export const bandsAt = (bands: readonly Band[], start: string): Band[] =>
  bands.filter(({ from, to }) => from <= start && start <= to);
