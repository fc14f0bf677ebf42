import { readFileSync } from 'node:fs';

export interface ReferrerCase {
  /** The referrer; NULL if there is none. */
  url: string | null;
  /** Query of the page that was opened. */
  query: string;
  /** Host of that page. */
  host: string | null;
  class: string;
  name: string | null;
}

/** Reads a public table of referrers; the module of `bench/classify.ts` lists which. */
export function readTable(file: string): ReferrerCase[] {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.yml')) return readYaml(text, file);
  const content: unknown = JSON.parse(text);
  if (!Array.isArray(content)) return readGhost(content as Record<string, { medium: string; source: string }>);
  return content.map((item: SnowplowCase | InboundCase) => ('uri' in item ? snowplowCase(item) : inboundCase(item)));
}

const classOfMedium: Readonly<Record<string, string>> = {
  unknown: 'other',
  referral: 'other',
  local: 'other',
  link: 'other',
  chatbot: 'ai',
  ad: 'paid',
};

function readGhost(list: Record<string, { medium: string; source: string }>): ReferrerCase[] {
  return Object.entries(list)
    .filter(([address]) => address.includes('.'))
    .map(([address, { medium, source }]) => caseOf(address, medium, source));
}

function caseOf(address: string, medium: string, name: string): ReferrerCase {
  const scheme = /^(?:com|org|io)\.(?!.*\.com\b)/.test(address) ? 'android-app' : 'https';
  return { url: `${scheme}://${address}`, query: '', host: null, class: classOfMedium[medium] ?? medium, name };
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
  result: { referrer: Record<string, string> };
}

function inboundCase({ url, referrer, result: { referrer: expected } }: InboundCase): ReferrerCase {
  const page = url ? URL.parse(url) : null;
  const name = expected['engine'] ?? expected['network'] ?? expected['client'] ?? expected['site'] ?? null;
  return {
    ...caseOf('', expected['type'] ?? '', ''),
    url: referrer || null,
    query: page?.search.slice(1) ?? '',
    host: page?.hostname.replace(/^www\./, '') ?? null,
    name,
  };
}

/** Files of Matomo hold one class each. */
const classOfFile: readonly (readonly [RegExp, string])[] = [
  [/SearchEngines/, 'search'],
  [/Socials/, 'social'],
  [/AIAssistants/, 'ai'],
];

/** Reads names over lists of hosts: as much of YAML as the lists use. */
function readYaml(text: string, file: string): ReferrerCase[] {
  const single = classOfFile.find(([pattern]) => pattern.test(file))?.[1];
  const cases: ReferrerCase[] = [];
  let [medium, name, key] = [single ?? '', '', ''];
  for (const line of text.split('\n').map((part) => part.replace(/\s*(?:#.*)?$/, ''))) {
    const [, indent = '', found] = /^(\s*)(?:- )?['"]?([^'":]+)['"]?:$/.exec(line) ?? [];
    if (found !== undefined) {
      if (!single && indent === '') medium = found;
      else if (indent.length === (single ? 0 : 2)) [name, key] = [found, ''];
      else key = found;
      continue;
    }
    const host = /^\s*- ['"]?([^\s'"]+\.[^\s'"]+)/.exec(line)?.[1];
    if (host && ['', 'urls', 'domains'].includes(key)) cases.push(caseOf(host.replace('{}', 'de'), medium, name));
  }
  return cases;
}
