import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { clientHintHeaders } from '../../schemas/edge-headers.ts';

/** One user agent with what its fixture says of it; a field is missing if it says nothing. */
export interface UserAgentCase {
  userAgent: string;
  device?: string;
  os?: string;
  browser?: string;
  /** True for a robot, false for a person. */
  robot?: boolean;
  /** The person uses an app that is no browser. */
  app?: boolean;
  /** Client hints, as the viewer function folds them. */
  hints?: string;
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

const readers: readonly {
  title: string;
  mark: string;
  read: (place: string) => UserAgentCase[];
}[] = [
  { title: 'device-detector', mark: 'Tests/fixtures/tv.yml', read: readMatomo },
  { title: 'WhichBrowser', mark: 'tests/data/television', read: readWhichBrowser },
  { title: 'Mobile-Detect', mark: 'tests/ualist.json', read: readMobileDetect },
  { title: 'ua-parser-js 2', mark: 'test/data/ua', read: readParserTests },
  { title: 'isbot', mark: 'fixtures/browsers.yml', read: readIsbot },
  { title: 'isbot, sources', mark: 'user-agents.net.json', read: readRobotLists },
  { title: 'crawler-user-agents', mark: 'crawler-user-agents.json', read: readCrawlers },
  { title: 'uap-core', mark: 'tests/test_ua.yaml', read: readUapTests },
  { title: 'uap-core, extract', mark: '.json.gz', read: readUapExtract },
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
  const folder = path.join(place, 'Tests');
  return filesIn(folder, '.yml').flatMap((file) => {
    if (!file.includes('fixtures')) return [];
    const entries = readFileSync(path.join(folder, file), 'utf8').split(/^- *$/m).slice(1);
    if (file.endsWith('bots.yml'))
      return entries.map((entry) => ({ userAgent: valueOf(entry, 'user_agent'), robot: true }));
    return entries.flatMap((entry) => (entry.includes('  user_agent:') ? matomoCase(entry) : []));
  });
}

/** Clients that fetch feeds and files, which are no pages, and cases that tell no client: neither robots nor people. */
const matomoUnclear = new Set(['library', 'feed reader', 'mediaplayer', '']);

function matomoCase(entry: string): UserAgentCase[] {
  const kind = nestedValueOf(entry, 'device', 'type');
  const hints = hintsOf(entry);
  // Other headers, such as the name of an app, tell what we do not read.
  if (entry.includes('  headers:') && hints === '') return [];
  const client = nestedValueOf(entry, 'client', 'type');
  const told = {
    hints,
    device: matomoKinds[kind] ?? kind,
    os: nestedValueOf(entry, 'os', 'name'),
    browser: nestedValueOf(entry, 'client', 'name'),
    ...(matomoUnclear.has(client) ? {} : { robot: false, app: client !== 'browser' }),
  };
  return [caseOf(valueOf(entry, 'user_agent'), told)];
}

/** Returns the client hints that the edge forwards, in any case of their names. */
function hintsOf(entry: string): string {
  const headers = entry.replaceAll(/^ +sec-ch-ua[\w-]*:/gim, (name) => name.toLowerCase());
  const sent = clientHintHeaders.map((name) => [name, valueOf(headers, name)]).filter(([, value]) => value !== '');
  return new URLSearchParams(sent).toString();
}

const whichBrowserKinds: Readonly<Record<string, string>> = {
  desktop: 'desktop',
  mobile: 'mobile',
  media: 'mobile',
  pda: 'mobile',
  tablet: 'tablet',
  ereader: 'tablet',
  television: 'tv',
  gaming: 'console',
  headset: 'wearable',
  watch: 'wearable',
  car: 'embedded',
  camera: 'embedded',
  printer: 'embedded',
  signage: 'embedded',
  appliance: 'embedded',
};

function readWhichBrowser(place: string): UserAgentCase[] {
  const folder = path.join(place, 'tests/data');
  return filesIn(folder, '.yaml').flatMap((file) => {
    const entries = readFileSync(path.join(folder, file), 'utf8').split(/^- *$/m).slice(1);
    const robot = file.startsWith('bots');
    return entries.flatMap((entry): UserAgentCase[] => {
      const userAgent = /^User-Agent: (.*)/.exec(valueOf(entry, 'headers'))?.[1];
      if (userAgent === undefined) return [];
      if (robot) return [{ userAgent, robot }];
      const kind = /device: { type: (\w+)/.exec(entry)?.[1] ?? '';
      const told = { device: whichBrowserKinds[kind], os: flowName(entry, 'os'), browser: flowName(entry, 'browser') };
      const isBrowser = /browser: {[^}]*\btype: browser\b/.test(entry);
      return [caseOf(userAgent, { ...told, ...(isBrowser ? { robot: false } : {}) })];
    });
  });
}

/** `os: { name: 'Windows Phone', version: 8 }` → `Windows Phone` */
function flowName(entry: string, key: string): string | undefined {
  const [, quoted, plain] = new RegExp(`\\b${key}: { name: (?:'([^']*)'|([^,}]*))`).exec(entry) ?? [];
  return quoted ?? plain?.trim();
}

function readMobileDetect(place: string): UserAgentCase[] {
  const { user_agents: list } = JSON.parse(readFileSync(path.join(place, 'tests/ualist.json'), 'utf8')) as {
    user_agents: { user_agent: string; mobile?: boolean; tablet?: boolean }[];
  };
  return list.flatMap(({ user_agent: userAgent, mobile, tablet }) =>
    mobile ? [{ userAgent, device: tablet ? 'tablet' : 'mobile' }] : [],
  );
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

function caseOf(userAgent: string, told: Readonly<Record<string, string | boolean | undefined>>): UserAgentCase {
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

/** Lists of robots that isbot is made from, as its checkout has them in `fixtures/downloaded`. */
function readRobotLists(place: string): UserAgentCase[] {
  return filesIn(place, '.json').flatMap((file) =>
    (JSON.parse(readFileSync(path.join(place, file), 'utf8')) as string[]).map((userAgent) => ({
      userAgent,
      robot: true,
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

function readUapExtract(place: string): UserAgentCase[] {
  const list = JSON.parse(gunzipSync(readFileSync(place)).toString()) as UapCase[];
  return list.map(({ kind, user_agent_string: userAgent, family }) => uapCase(kind, userAgent, family));
}

const uapFiles = {
  'tests/test_ua.yaml': 'ua',
  'test_resources/firefox_user_agent_strings.yaml': 'ua',
  'test_resources/opera_mini_user_agent_strings.yaml': 'ua',
  'test_resources/pgts_browser_list.yaml': 'ua',
  'tests/test_os.yaml': 'os',
  'test_resources/additional_os_tests.yaml': 'os',
  'tests/test_device.yaml': 'device',
} as const;

function readUapTests(place: string): UserAgentCase[] {
  return Object.entries(uapFiles).flatMap(([file, kind]) =>
    readFileSync(path.join(place, file), 'utf8')
      .split(/^ *- (?=user_agent_string)/m)
      .slice(1)
      .map((entry) => uapCase(kind, valueOf(entry, 'user_agent_string'), valueOf(entry, 'family'))),
  );
}

function uapCase(kind: UapCase['kind'], userAgent: string, family: string): UserAgentCase {
  if (kind === 'device') return { userAgent, robot: family === 'Spider' };
  return kind === 'os' ? { userAgent, os: family } : { userAgent, browser: family };
}
