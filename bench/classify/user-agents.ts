import { isbot } from 'isbot';
import { UAParser } from 'ua-parser-js';
import { table } from '../../cli/table.ts';
import { browserFamily, systemFamily } from '../../core/user-agent/families.ts';
import { agentOf, parseAgent, userAgentLimit } from '../../core/user-agent/user-agent.ts';
import { isHeldOut } from './held-out.ts';
import names from './fixture-names.json' with { type: 'json' };
import { type Fixtures, readFixtures, type UserAgentCase } from './user-agent-fixtures.ts';

/**
 * Compares our kinds of device, systems, browsers and robots with public fixtures, beside ua-parser-js and isbot alone.
 * The lists in `core/user-agent` were tuned on the user agents whose MD5 is even; the others are the held-out part. A
 * name counts only if it is a family of ours.
 */
export function reportUserAgents(places: readonly string[]): string {
  const fixtures = places.map(readFixtures);
  const labels = labelsOf(fixtures.flatMap(({ cases }) => cases));
  const rows = fixtures.flatMap((one) => rowsOf(one, labels));
  const disputed = [...labels.values()].filter(({ device, robot }) => device.size > 1 || robot.size > 1).length;
  const columns = ['fixtures', 'class', 'cases', 'hopcount %', 'library alone %'];
  columns.push('held out', 'hopcount %', 'library alone %');
  return `${table(columns, rows)}\n\n${disputed} user agents have labels that contradict each other; those labels are left out.`;
}

interface Judged {
  class: string;
  heldOut: boolean;
  ours: boolean;
  /** Missing if the library has no answer of this kind. */
  library?: boolean;
}

/** What all tables say of a user agent. */
type Labels = ReadonlyMap<string, Readonly<Record<'device' | 'robot', ReadonlySet<unknown>>>>;

function labelsOf(cases: readonly UserAgentCase[]): Labels {
  const labels = new Map<string, { device: Set<unknown>; robot: Set<unknown> }>();
  for (const { userAgent, device, robot } of cases) {
    const known = labels.get(userAgent) ?? { device: new Set(), robot: new Set() };
    if (device !== undefined) known.device.add(device);
    if (robot !== undefined) known.robot.add(robot);
    labels.set(userAgent, known);
  }
  return labels;
}

function rowsOf({ title, cases }: Fixtures, labels: Labels): string[][] {
  const distinct = new Map(cases.map((one) => [JSON.stringify(one), one]));
  const judged = [...distinct.values()].flatMap((one) => judge(one, labels));
  const classes = [...new Set(judged.map((one) => one.class))].toSorted();
  return classes.map((name) => {
    const all = judged.filter((one) => one.class === name);
    const heldOut = all.filter((one) => one.heldOut);
    return [title, name, ...scores(all), ...scores(heldOut)];
  });
}

function scores(cases: readonly Judged[]): string[] {
  function percent(key: 'ours' | 'library'): string {
    const answered = cases.filter((one) => one[key] !== undefined);
    if (answered.length === 0) return '–';
    return ((100 * answered.filter((one) => one[key]).length) / answered.length).toFixed(2);
  }
  return [String(cases.length), percent('ours'), percent('library')];
}

/** Judges a case, without the labels that another table contradicts. */
function judge(one: UserAgentCase, labels: Labels): Judged[] {
  if (one.hints !== undefined) return judgeHints(one);
  const { userAgent, device, os, browser, robot, app } = one;
  const text = userAgent.slice(0, userAgentLimit);
  const ours = parseAgent(text);
  const parser = new UAParser(text);
  const heldOut = isHeldOut(userAgent);
  const judged: Judged[] = [];
  function add(name: string, right: boolean, libraryRight?: boolean): void {
    judged.push({
      class: name,
      heldOut,
      ours: right,
      ...(libraryRight === undefined ? {} : { library: libraryRight }),
    });
  }
  const known = labels.get(userAgent);
  const isDisputed = { device: (known?.device.size ?? 0) > 1, robot: (known?.robot.size ?? 0) > 1 };
  // A robot has no device to us; that it is one is judged below.
  if (device !== undefined && !isDisputed.device && ours.robot === null)
    add(`device ${device}`, ours.deviceType === device, kindOf(parser) === device);
  const system = familyOf(os, names.systems, systemFamily);
  if (system) add('os', ours.os === system, systemFamily(parser.getOS().name) === system);
  const family = familyOf(browser, names.browsers, browserFamily);
  if (family) add('browser', ours.browser === family, browserFamily(parser.getBrowser().name) === family);
  if (isDisputed.robot) return judged;
  if (robot === true && ours.robot !== null) add('robots named', isName(ours.robot.name));
  if (robot === true) add('robots caught', ours.robot !== null, isbot(text));
  if (robot === false) add(kindOfPerson(text, app), ours.robot === null, !isbot(text));
  return judged;
}

/** Compares what is read with and without the client hints. */
function judgeHints({ userAgent, device, os, browser, hints }: UserAgentCase): Judged[] {
  const text = userAgent.slice(0, userAgentLimit);
  const parser = new UAParser(text);
  const system = familyOf(os, names.systems, systemFamily);
  const family = familyOf(browser, names.browsers, browserFamily);
  return (['with', 'without'] as const).flatMap((which) => {
    const ours = agentOf(text, which === 'with' ? hints : undefined);
    const answers = [
      { of: 'device', expected: device, ours: ours.deviceType, library: kindOf(parser) },
      { of: 'os', expected: system, ours: ours.os, library: systemFamily(parser.getOS().name) },
      { of: 'browser', expected: family, ours: ours.browser, library: browserFamily(parser.getBrowser().name) },
    ].filter(({ expected }) => expected !== null && expected !== undefined);
    return answers.map(({ of, expected, ours: own, library }) => ({
      class: `${of} ${which} client hints`,
      heldOut: isHeldOut(userAgent),
      ours: own === expected,
      library: library === expected,
    }));
  });
}

/** Neither empty nor an address, a version, a number, a key or a whole user agent. */
function isName(name: string | null): boolean {
  return name !== null && /\p{L}/u.test(name) && name.length <= 41 && !noName.test(name);
}

const noName = /https?:|www\.|@|\d\.\d|[<>{}()"'|;]|mozilla\/|[a-f\d]{12}|\d{5}/i;

/** An app shows a page in a web view, which names its engine. Without one, it only fetches. */
function kindOfPerson(userAgent: string, app: boolean | undefined): string {
  if (!app) return 'people kept';
  return /WebKit|Gecko|Trident/.test(userAgent) ? 'apps kept' : 'apps without an engine kept';
}

/** The parser has no type for desktops. */
function kindOf(parser: UAParser): string {
  const { type = 'desktop' } = parser.getDevice();
  return type === 'smarttv' ? 'tv' : type;
}

function familyOf(
  name: string | undefined,
  aliases: Readonly<Record<string, string | null>>,
  family: (name: string) => string | null,
): string | null {
  if (name === undefined) return null;
  if (name in aliases) return aliases[name] ?? null;
  const found = family(name);
  return found === 'Other' ? null : found;
}
