/**
 * A row of a tool's file. Raw rows become events. Counts of hours, days and totals stay counts: no events are made up for
 * them.
 */
export type HistoryRow = RawRow | CountRow;

/** What a click, a view or a custom event of another tool says. A field that its file cannot know is missing; one that it knows to be empty is null. */
export interface RawRow {
  grain: 'raw';
  /** Line of the file, or number of the record in JSON; the first is 1. */
  line: number;
  kind: 'click' | 'view' | 'event';
  /** Milliseconds since the epoch. */
  at: number;
  /** Code of the short link, of a click. */
  code?: string;
  /** Address of the page that was viewed: a path, or a whole URL. */
  url?: string;
  title?: string | null;
  /** Name of a custom event. */
  name?: string;
  /** The row's id in the tool. */
  nativeId?: string;
  userAgent?: string | null;
  referrer?: string | null;
  /** ISO 3166-1 alpha-2. */
  country?: string | null;
  region?: string | null;
  city?: string | null;
  device?: string | null;
  browser?: string | null;
  os?: string | null;
  /** IP address: forgotten as soon as a visitor id is made of it. */
  address?: string;
  /** The tool's own id of the visitor or the visit. */
  visitor?: string;
  /** What the tool says about robots; missing if it says nothing. */
  bot?: boolean;
}

/** A number that a tool counted. */
export interface CountRow {
  grain: 'hour' | 'day' | 'total';
  line: number;
  /** Code of the short link; missing for counts of a page. */
  code?: string;
  /** Address of a page of the site, if the tool counts by address. */
  url?: string;
  /** `2026-11-22T07` in UTC of an hour, `2026-11-22` of a day; of a total, the date of the export, if it is known. */
  at: string | null;
  clicks?: number;
  views?: number;
  visitors?: number;
  visits?: number;
  bounces?: number;
  /** Seconds of all visits. */
  duration?: number;
  /** Of a breakdown: `country`, `AT`. Dimensions are not crossed. */
  dimension?: string;
  value?: string;
  /** How the same count divides by value, if the file knows it: `{ browser: { Chrome: 3, Safari: 1 } }`. */
  parts?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** There may be more rows of the same time: they are added up. Otherwise a second one is repeated, or contradicts. */
  adds?: boolean;
  /** Local dates that a total is of, if it is not of all time. */
  from?: string;
  to?: string;
}

/** Why a row was not imported: says what is wrong with `value`, and what is allowed. */
export interface Refusal {
  line: number;
  /** Null: the row as a whole. */
  column: string | null;
  value: string | null;
  reason: string;
}

/** Takes what a reader finds, in the order of the file. */
export interface RowSink {
  row: (row: HistoryRow) => void;
  refuse: (refusal: Refusal) => void;
  /** Says something about the file once, however often it is called with the same text. */
  note: (text: string) => void;
  /** Names a column or field that is not imported. */
  ignore: (column: string) => void;
}
