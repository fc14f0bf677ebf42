import type { LinkView } from '../api/links.ts';
import { csvCell, csvLine, idCell, plainCell } from './csv.ts';

/** A password cannot be exported. `id` and `updatedAt` belong to the stack. */
const columns = [
  'code',
  'aliases',
  'url',
  'page',
  'domain',
  'title',
  'campaign',
  'tags',
  'status',
  'enabled',
  'archived',
  'listed',
  'section',
  'icon',
  'position',
  'startsAt',
  'expiresAt',
  'expiredUrl',
  'clickLimit',
  'passQuery',
  'deviceUrls',
  'countryUrls',
  'utm',
  'variants',
  'card',
  'createdAt',
  'shortUrl',
] as const satisfies readonly (keyof LinkView)[];

export type ExportedLink = Pick<LinkView, (typeof columns)[number]>;

/** Files of links: those that Hopcount reads again with everything, and those that other tools read. */
export const linkFileFormats = ['csv', 'json', 'bitly', 'dub', 'shlink'] as const;
export type LinkFileFormat = (typeof linkFileFormats)[number];

export interface LinkFile {
  /** What it is saved as. */
  name: string;
  mediaType: string;
  /** The parts of the file: `start`, `toText` of each link, `end`. */
  start: string;
  toText: (link: ExportedLink) => string;
  end: string;
}

/** Returns how links are written in a format. A file can be written link by link, each with its domain. */
export function createLinkFile(format: LinkFileFormat): LinkFile {
  switch (format) {
    case 'csv':
      // Without the mark, spreadsheets read umlauts wrongly.
      return {
        name: 'links.csv',
        mediaType: 'text/csv',
        start: `\uFEFF${csvLine(columns)}`,
        toText: (link) => csvLine(columns.map((name) => toCell(name, link))),
        end: '',
      };
    case 'json':
      return toJsonFile();
    case 'bitly':
    case 'dub':
    case 'shlink': {
      const { header, toCells } = tools[format];
      return {
        name: `links-${format}.csv`,
        mediaType: 'text/csv',
        start: csvLine(header),
        // Other tools have no aliases: each is a link of its own.
        toText: (link) =>
          [link.code, ...link.aliases]
            .map((code) => `${toCells(link, { code, host: new URL(link.shortUrl).host }).join(',')}\r\n`)
            .join(''),
        end: '',
      };
    }
    default:
      return format satisfies never;
  }
}

function toJsonFile(): LinkFile {
  let isFirst = true;
  return {
    name: 'links.json',
    mediaType: 'application/json',
    start: '[',
    toText: (link) => {
      const separator = isFirst ? '\n' : ',\n';
      isFirst = false;
      return separator + JSON.stringify(Object.fromEntries(columns.map((name) => [name, valueOf(name, link)])));
    },
    end: '\n]\n',
  };
}

/** Every link names its domain, also that of the stack. */
function valueOf(name: (typeof columns)[number], link: ExportedLink) {
  return name === 'domain' ? new URL(link.shortUrl).hostname : link[name];
}

function toCell(name: (typeof columns)[number], link: ExportedLink): string {
  if (name === 'code') return idCell(link.code);
  if (name === 'aliases') return idCell(link.aliases.join(', '));
  const value = valueOf(name, link);
  if (value === null) return '';
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}

interface ToolFile {
  header: readonly string[];
  /** Codes and addresses are as they are, because a program reads them; a person reads the others in a spreadsheet. */
  toCells: (link: ExportedLink, names: { code: string; host: string }) => readonly string[];
}

/** docs/imports.md has the source of each header. */
const tools: Readonly<Record<Exclude<LinkFileFormat, 'csv' | 'json'>, ToolFile>> = {
  bitly: {
    header: ['long_url', 'custom_bitlink', 'title', 'tags', 'archived', 'created_at'],
    toCells: ({ url, title, tags, archived, createdAt }, { code, host }) => [
      plainCell(url),
      plainCell(`${host}/${code}`),
      csvCell(title),
      csvCell(tags.join(', ')),
      String(archived),
      createdAt,
    ],
  },
  dub: {
    header: ['Short link', 'Destination URL', 'Title', 'Tags', 'Created at', 'Archived'],
    toCells: ({ url, title, tags, archived, createdAt }, { code, host }) => [
      plainCell(`${host}/${code}`),
      plainCell(url),
      csvCell(title),
      csvCell(tags.join(', ')),
      createdAt,
      archived ? 'Yes' : 'No',
    ],
  },
  shlink: {
    header: ['Long URL', 'Short code', 'Domain', 'Title', 'Tags'],
    toCells: ({ url, title, tags }, { code, host }) => [
      plainCell(url),
      code,
      host,
      csvCell(title),
      csvCell(tags.join('|')),
    ],
  },
};
