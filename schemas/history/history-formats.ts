/** Files of other tools whose history can be imported. A reader of each is in `core/history/formats.ts`. */
export const historyFormatNames = [
  'shlink-web',
  'shlink-cli',
  'yourls',
  'goatcounter',
  'dub-events',
  'matomo',
  'plausible',
  'plausible-dashboard',
  'goatcounter-json',
  'umami',
  'bitly-clicks',
  'dub-analytics',
  'kutt-visits',
  'bitly-links',
  'dub-links',
  'shlink-links',
  'yourls-links',
  'kutt-links',
  'rebrandly-links',
  'bitly-api',
  'dub-api',
  'shlink-api',
  'plausible-api',
] as const;
export type HistoryFormatName = (typeof historyFormatNames)[number];

/** What people call them. */
export const historyFormatTitles: Readonly<Record<HistoryFormatName, string>> = {
  'shlink-web': 'Shlink, visits of the web client (CSV)',
  'shlink-cli': 'Shlink, visits of the command line (CSV)',
  yourls: 'YOURLS, table of the log (CSV)',
  goatcounter: 'GoatCounter, page views (CSV)',
  'dub-events': 'Dub, events (CSV)',
  matomo: 'Matomo, log of visits (JSON)',
  plausible: 'Plausible, export of a site (ZIP)',
  'plausible-dashboard': 'Plausible, export of the dashboard (ZIP)',
  'goatcounter-json': 'GoatCounter, JSON export (ZIP)',
  umami: 'Umami, export (ZIP)',
  'bitly-clicks': 'Bitly, clicks (JSON)',
  'dub-analytics': 'Dub, analytics (ZIP)',
  'kutt-visits': 'Kutt, table of visits (CSV)',
  'bitly-links': 'Bitly, totals of links (CSV)',
  'dub-links': 'Dub, totals of links (CSV)',
  'shlink-links': 'Shlink, totals of links (CSV)',
  'yourls-links': 'YOURLS, totals of links (CSV)',
  'kutt-links': 'Kutt, totals of links (CSV or JSON)',
  'rebrandly-links': 'Rebrandly, totals of links (JSON)',
  'bitly-api': 'Bitly, pulled with a token',
  'dub-api': 'Dub, pulled with a token',
  'shlink-api': 'Shlink, pulled with a key',
  'plausible-api': 'Plausible, pulled with a key',
};

/** Limits of one import. */
export const historyLimits = {
  /** Bytes of the uploaded file. */
  bytes: 2_000_000_000,
  /** Rows of all files of the import. */
  rows: 50_000_000,
  /** Rows of an import on one UTC date, as measured: import and settle take some minutes. */
  rowsOfDate: 2_000_000,
  /** Events of other imports of the page on that date, with which rows are compared: 8 bytes each. */
  othersOfDate: 10_000_000,
  /** How much larger a packed file may become: ten times what text of logs does. */
  ratio: 100,
  /** Files in an archive. */
  files: 1_000,
  /** Imports of a page that are not deleted. */
  importsOfPage: 200,
  /** Refused rows that a report lists; the others are only counted. */
  refusals: 1_000,
  /** Characters of a value in a report. */
  value: 200,
} as const;
