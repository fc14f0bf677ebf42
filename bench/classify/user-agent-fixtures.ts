import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One user agent with what its fixture says of it; a field is missing if it says nothing. */
export interface UserAgentCase {
  userAgent: string;
  device?: string;
  os?: string;
  browser?: string;
  /** True for a robot, false for a person. */
  robot?: boolean;
}

export interface Fixtures {
  title: string;
  cases: UserAgentCase[];
}

/** Reads public fixtures; the module of `bench/classify.ts` lists which. */
export function readFixtures(place: string): Fixtures {
  const reader = readers.find(({ mark }) =>
    mark.startsWith('.') ? place.endsWith(mark) : existsSync(path.join(place, mark)),
  );
  if (!reader) throw new Error(`${place} is no folder or file of user agent fixtures that this bench can read`);
  return { title: reader.title, cases: reader.read(place) };
}

export function isFixtures(place: string): boolean {
  return readers.some(({ mark }) => (mark.startsWith('.') ? place.endsWith(mark) : existsSync(path.join(place, mark))));
}

const readers: readonly { title: string; mark: string; read: (place: string) => UserAgentCase[] }[] = [
  { title: 'device-detector', mark: 'Tests/fixtures/tv.yml', read: readMatomo },
  { title: 'ua-parser-js 2', mark: 'test/data/ua', read: readParserTests },
  { title: 'isbot', mark: 'fixtures/browsers.yml', read: readIsbot },
  { title: 'crawler-user-agents', mark: 'crawler-user-agents.json', read: readCrawlers },
  { title: 'uap-core', mark: '.json.gz', read: readUapCore },
];

const matomoKinds: Readonly<Record<string, string>> = {
  smartphone: 'mobile',
  phablet: 'mobile',
  'feature phone': 'mobile',
  'portable media player': 'mobile',
  notebook: 'desktop',
  'car browser': 'embedded',
  'smart display': 'embedded',
  'smart speaker': 'embedded',
  peripheral: 'embedded',
  camera: 'embedded',
};

function readMatomo(place: string): UserAgentCase[] {
  const folder = path.join(place, 'Tests/fixtures');
  return filesIn(folder, '.yml').flatMap((file) => {
    const entries = readFileSync(path.join(folder, file), 'utf8').split(/^- *$/m).slice(1);
    // With client hints, the fixture expects what the user agent alone does not tell.
    if (file.startsWith('clienthints')) return [];
    if (file === 'bots.yml') return entries.map((entry) => ({ userAgent: valueOf(entry, 'user_agent'), robot: true }));
    return entries.map((entry) => {
      const kind = nestedValueOf(entry, 'device', 'type');
      return caseOf(valueOf(entry, 'user_agent'), {
        device: matomoKinds[kind] ?? kind,
        os: nestedValueOf(entry, 'os', 'name'),
        browser: nestedValueOf(entry, 'client', 'name'),
        ...(nestedValueOf(entry, 'client', 'type') === 'library' ? {} : { robot: false }),
      });
    });
  });
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending));
}

/** Reads a scalar of the simple YAML that these fixtures use. */
function valueOf(entry: string, key: string): string {
  const text = new RegExp(`^ *${key}: *(.*)$`, 'm').exec(entry)?.[1]?.trim() ?? '';
  return text.startsWith('"') || text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
}

function nestedValueOf(entry: string, block: string, key: string): string {
  const lines = new RegExp(`^  ${block}: *\n((?:    .*\n?)*)`, 'm').exec(entry)?.[1];
  return lines === undefined ? '' : valueOf(lines, key);
}

function caseOf(userAgent: string, told: Omit<UserAgentCase, 'userAgent'>): UserAgentCase {
  const known = Object.entries(told).filter(
    ([, value]) => value !== '' && value !== undefined && value !== 'undefined',
  );
  return { userAgent, ...Object.fromEntries(known) };
}

interface ParserTest {
  ua: string;
  expect: { name?: string; type?: string };
}

const parserKinds: Readonly<Record<string, string>> = { smarttv: 'tv', xr: 'wearable' };

function readParserTests(place: string): UserAgentCase[] {
  const folder = path.join(place, 'test/data/ua');
  return filesIn(folder, '.json').flatMap((file) => {
    const tests = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as ParserTest[];
    const [kind = '', name = ''] = file.split(path.sep);
    return tests.flatMap(({ ua, expect: { name: family = '', type = '' } }) => {
      if (kind === 'os') return [caseOf(ua, { os: family })];
      if (kind === 'browser') return [caseOf(ua, { browser: family })];
      if (kind === 'device') return [caseOf(ua, { device: parserKinds[type] ?? type, robot: false })];
      return name === 'crawler.json' ? [caseOf(ua, { robot: true })] : [];
    });
  });
}

function readIsbot(place: string): UserAgentCase[] {
  const folder = path.join(place, 'fixtures');
  return ['browsers.yml', 'crawlers.yml'].flatMap((file) =>
    [...readFileSync(path.join(folder, file), 'utf8').matchAll(/^ +- (.*)$/gm)].map(([, text = '']) => ({
      userAgent: text.replaceAll(/^['"]|['"]$/g, ''),
      robot: file === 'crawlers.yml',
    })),
  );
}

function readCrawlers(place: string): UserAgentCase[] {
  const list = JSON.parse(readFileSync(path.join(place, 'crawler-user-agents.json'), 'utf8')) as {
    instances?: string[];
  }[];
  return list.flatMap(({ instances = [] }) => instances.map((userAgent) => ({ userAgent, robot: true })));
}

interface UapCase {
  kind: 'ua' | 'os' | 'device';
  user_agent_string: string;
  family: string;
}

function readUapCore(place: string): UserAgentCase[] {
  const list = JSON.parse(gunzipSync(readFileSync(place)).toString()) as UapCase[];
  return list.map(({ kind, user_agent_string: userAgent, family }) => {
    if (kind === 'device') return { userAgent, robot: family === 'Spider' };
    return kind === 'os' ? { userAgent, os: family } : { userAgent, browser: family };
  });
}
