import type { ImportField } from './fields.ts';

/** A tool whose files are recognized. Names of columns are those of `toPlainName`. */
export interface Tool {
  name: string;
  /** A file is of the tool if it has all columns of one of these lists. */
  marks: readonly (readonly string[])[];
  /** Columns that all say the code. The first of them that the file has is read. */
  codes: readonly string[];
  /** What columns mean where that is not what their names say; null: not imported. */
  fields?: Readonly<Record<string, ImportField | null>>;
  /** Between tags in a cell. @default ',' */
  tagSeparator?: string;
  /** Where it writes an apostrophe before what a spreadsheet would run as a formula: at the start of a cell, or within it, too. */
  guardsFormulas?: 'start' | 'within';
}

/** docs/imports.md has the source of each format. An entry only says what the names of the columns do not. */
export const tools: readonly Tool[] = [
  {
    name: 'Hopcount',
    marks: [['code', 'url', 'page', 'passquery', 'countryurls']],
    codes: ['code', 'shorturl'],
    guardsFormulas: 'within',
  },
  {
    name: 'Bitly',
    marks: [['bitlink'], ['custombitlink'], ['longurl', 'custombitlinks']],
    codes: ['bitlink', 'link', 'id'],
  },
  {
    name: 'Dub',
    marks: [
      ['shortlink', 'destinationurl'],
      ['shortlink', 'url', 'key', 'domain'],
    ],
    codes: ['shortlink', 'key'],
    guardsFormulas: 'start',
  },
  {
    name: 'Shlink',
    marks: [['shortcode', 'longurl']],
    codes: ['shortcode', 'shorturl'],
    fields: {
      'meta.validsince': 'startsAt',
      'meta.validuntil': 'expiresAt',
      'meta.maxvisits': 'clickLimit',
      'devicelongurls.ios': 'deviceUrls.ios',
      'devicelongurls.android': 'deviceUrls.android',
      'devicelongurls.desktop': 'deviceUrls.desktop',
    },
    tagSeparator: '|',
  },
  {
    name: 'YOURLS',
    marks: [
      ['keyword', 'url', 'timestamp'],
      ['shorturl', 'url', 'timestamp', 'ip'],
    ],
    codes: ['keyword', 'shorturl'],
  },
  {
    name: 'Kutt',
    marks: [['address', 'target']],
    codes: ['address', 'link'],
    fields: { description: 'title' },
  },
  {
    name: 'Rebrandly',
    marks: [['slashtag', 'destination']],
    codes: ['slashtag', 'shorturl'],
    // Whether the link is active, not the status of the redirect.
    fields: { status: null },
  },
  {
    name: 'Short.io',
    marks: [['originalurl', 'path']],
    codes: ['path', 'shorturl', 'secureshorturl'],
  },
  {
    name: 'TinyURL',
    marks: [['tinyurl'], ['alias', 'domain']],
    codes: ['alias', 'tinyurl'],
  },
];

/** Files that hold clicks or views, not links. */
const histories: readonly Pick<Tool, 'name' | 'marks'>[] = [
  {
    name: 'page views of GoatCounter',
    marks: [
      ['2path', 'session', 'date'],
      ['path', 'session', 'bot', 'firstvisit'],
    ],
  },
  {
    name: 'clicks of Dub',
    marks: [
      ['clickid', 'destinationurl'],
      ['date', 'event', 'link', 'country'],
    ],
  },
  { name: 'visits of Shlink', marks: [['useragent', 'visitedurl']] },
  { name: 'clicks of YOURLS', marks: [['clickid', 'clicktime', 'shorturl']] },
  { name: 'hours of Kutt', marks: [['linkid', 'brchrome']] },
  { name: 'daily numbers of Plausible', marks: [['date', 'visitors', 'pageviews']] },
  { name: 'totals of Umami', marks: [['x', 'y']] },
];

/** Returns the tool that has written a file with these columns. */
export function findTool(plainNames: readonly string[]): Tool | undefined {
  return tools.find((tool) => hasMarks(tool, plainNames));
}

/** Returns what a file holds in place of links. */
export function findHistory(plainNames: readonly string[]): string | undefined {
  return histories.find((history) => hasMarks(history, plainNames))?.name;
}

function hasMarks({ marks }: Pick<Tool, 'marks'>, plainNames: readonly string[]): boolean {
  return marks.some((columns) => columns.every((column) => plainNames.includes(column)));
}
