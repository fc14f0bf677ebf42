/** What a detector says about one point. Nothing is silent: a point that is not evaluated says why. */

/** `silent` is the hourly form of a drop: next to nothing for two hours. */
export type Direction = 'drop' | 'surge' | 'silent';

export type SkipReason =
  /** There is no count for it: a gap is not an alert. */
  | 'missing'
  /** The count is no finite number of at least 0. */
  | 'not-a-count'
  /** Its hours are not settled yet. */
  | 'unsettled'
  /** Its owner marked it as bad. */
  | 'bad-day'
  /** The page changed its time zone: the local day lacks hours, or has some twice. */
  | 'zone-change'
  /** Fewer points before it than a baseline needs. */
  | 'short-history'
  /** Too few views for any change to be told from chance. */
  | 'too-small';

export type InsignificantReason =
  /** Inside what the page usually does. */
  | 'usual'
  /** Unusual for this page, but less than the smallest change worth a mail. */
  | 'below-minimum-effect'
  /** A large change, which this page's own swings, or chance in small numbers, explain. */
  | 'within-noise'
  /** It belongs to an alert of the last 24 hours, and is no larger. */
  | 'already-told'
  /** It would alert alone, but not among the pages looked at together. */
  | 'false-discovery-bound';

export interface Evidence {
  /** What the baseline expected, and what came; counts, or a rate for click-through. */
  expected: number;
  actual: number;
  /** What an average day or hour would bring: the level under `expected`. An open incident is evaluated by it. */
  usual: number;
  /** Deviation in units of the usual spread; never negative. */
  score: number;
  /** Probability of a deviation at least this large in this direction if nothing changed. */
  probability: number;
}

export type Evaluation =
  | ({ kind: 'alert'; direction: Direction } & Evidence)
  | ({ kind: 'not-significant'; reason: InsignificantReason } & Evidence)
  | { kind: 'skipped'; reason: SkipReason };
