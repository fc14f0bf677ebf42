/** `silent` is an hourly drop to almost nothing for two hours. */
export type Direction = 'drop' | 'surge' | 'silent';

export type SkipReason =
  /** There is no count: a gap is never an alert. */
  | 'missing'
  /** The count is negative or not finite. */
  | 'not-a-count'
  /** Its hours are not settled yet. */
  | 'unsettled'
  /** The page's owner excluded the day. */
  | 'bad-day'
  /** The page changed its time zone, so the local day misses or repeats hours. */
  | 'zone-change'
  /** Too few earlier points for a baseline. */
  | 'short-history'
  /** Too few views to tell a change from chance. */
  | 'too-small';

export type InsignificantReason =
  /** Within the page's usual range. */
  | 'usual'
  /** Unusual for this page, but smaller than the minimum change for an alert. */
  | 'below-minimum-effect'
  /** A large change that the page's usual variation or small numbers explain. */
  | 'within-noise'
  /** Part of an alert from the last 24 hours, and not larger. */
  | 'already-notified'
  /** Significant alone, but not among all pages evaluated together. */
  | 'false-discovery-bound';

export interface Statistics {
  /** Expected and actual value: a count, or a rate for click-through. */
  expected: number;
  actual: number;
  /** Level of an average day or hour, without weekday effects. An open incident is compared with it. */
  usual: number;
  /** Size of the deviation in units of the usual spread; never negative. */
  score: number;
  /** Probability of a deviation at least this large, in this direction, if nothing has changed. */
  probability: number;
}

export type Evaluation =
  | ({ kind: 'alert'; direction: Direction } & Statistics)
  | ({ kind: 'not-significant'; reason: InsignificantReason } & Statistics)
  | { kind: 'skipped'; reason: SkipReason };
