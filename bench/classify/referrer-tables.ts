import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ListedHost, matomoFiles, readSourceCategories, readYamlList } from '../../bin/referrer-lists.ts';

export interface ReferrerCase {
  /** The referrer; NULL if there is none. */
  url: string | null;
  /** Query of the page that was opened. */
  query: string;
  /** Host of that page. */
  host: string | null;
  /** NULL for a class that we do not have. */
  class: string | null;
  /** NULL if there is none, undefined if the table tells no names. */
  name: string | null | undefined;
}

/** Reads a public table of referrers; the module of `bench/classify.ts` lists which. */
export function readTable(file: string): ReferrerCase[] {
  const text = readFileSync(file, 'utf8');
  const matomo = Object.entries(matomoFiles).find(([name]) => name === path.basename(file))?.[1];
  if (file.endsWith('.yml')) return fromLists(readYamlList(text, matomo));
  if (file.endsWith('.csv')) return fromLists(readSourceCategories(text));
  if (file.endsWith('.ts')) return readOpenPanel(text);
  const content: unknown = JSON.parse(text);
  if (!Array.isArray(content)) return readGhost(content as Record<string, { medium: string; source: string }>);
  return content.map((item: SnowplowCase | InboundCase) => ('uri' in item ? snowplowCase(item) : inboundCase(item)));
}

const classOfMedium: Readonly<Record<string, string>> = {
  unknown: 'other',
  referral: 'other',
  link: 'other',
  chatbot: 'ai',
  ad: 'paid',
  shopping: 'other',
};

/** Kinds of OpenPanel and inbound for which we have no class. */
const otherKinds = new Set(['tech', 'commerce', 'content', 'community', 'local']);

/** Job boards and shops that some lists call search engines; we have no class for them. */
const otherNames = new Set(['Indeed', 'StepStone', 'Monster', 'Amazon']);

function readGhost(list: Record<string, { medium: string; source: string }>): ReferrerCase[] {
  return Object.entries(list)
    .filter(([address]) => address.includes('.'))
    .map(([address, { medium, source }]) => caseOf(address, medium, source));
}

function caseOf(address: string, medium: string, name: string): ReferrerCase {
  const scheme = /^(?:com|org|io)\.(?!.*\.com\b)/.test(address) ? 'android-app' : 'https';
  return {
    url: `${scheme}://${address}`,
    query: '',
    host: null,
    class: classOf(medium, name),
    name,
  };
}

function fromLists(hosts: readonly ListedHost[]): ReferrerCase[] {
  return hosts.map(({ host, kind, name }) => ({ ...caseOf(host.replace('.*', '.de'), kind, name ?? ''), name }));
}

function readOpenPanel(text: string): ReferrerCase[] {
  return [...text.matchAll(/^ {2}'([^']+)': \{ type: '([^']+)', name: ['"](.+)['"] \}/gm)].map(
    ([, host = '', kind = '', name = '']) => caseOf(host, kind, name),
  );
}

function classOf(medium: string, name: string | undefined): string | null {
  if (otherKinds.has(medium) || otherNames.has(name ?? '')) return null;
  return classOfMedium[medium] ?? medium;
}

interface SnowplowCase {
  uri: string;
  medium: string;
  source: string | null;
}

function snowplowCase({ uri, medium, source }: SnowplowCase): ReferrerCase {
  return { ...caseOf('', medium, ''), url: uri, name: source };
}

interface InboundCase {
  url: string | null;
  referrer: string | null;
  result: { referrer: Record<string, string>; campaign?: unknown };
}

function inboundCase({ url, referrer, result: { referrer: expected, campaign } }: InboundCase): ReferrerCase {
  const page = url ? URL.parse(url) : null;
  const name = expected['engine'] ?? expected['network'] ?? expected['client'] ?? expected['site'] ?? null;
  return {
    ...caseOf('', expected['type'] ?? '', ''),
    // The table answers twice, for the referrer and for the campaign. Without a referrer, our class is the campaign's.
    ...(expected['type'] === 'direct' && campaign !== undefined && { class: null }),
    url: referrer || null,
    query: page?.search.slice(1) ?? '',
    host: page?.hostname.replace(/^www\./, '') ?? null,
    name,
  };
}
