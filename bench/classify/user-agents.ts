import { isbot } from 'isbot';
import { UAParser } from 'ua-parser-js';
import { table } from '../../cli/table.ts';
import { browserFamily, systemFamily } from '../../core/user-agent/families.ts';
import { parseAgent, userAgentLimit } from '../../core/user-agent/user-agent.ts';
import { isHeldOut } from './held-out.ts';
import names from './fixture-names.json' with { type: 'json' };
import { type Fixtures, readFixtures, type UserAgentCase } from './user-agent-fixtures.ts';

/**
 * Compares our kinds of device, systems, browsers and robots with public fixtures, beside ua-parser-js and isbot alone.
 * The lists in `core/user-agent` were tuned on the user agents whose MD5 is even; the others are the held-out part. A
 * name counts only if it is a family of ours.
 */
export function reportUserAgents(places: readonly string[]): string {
  const rows = places.map(readFixtures).flatMap(rowsOf);
  return table(
    ['fixtures', 'class', 'cases', 'hopcount %', 'library alone %', 'held out', 'hopcount %', 'library alone %'],
    rows,
  );
}

interface Judged {
  class: string;
  heldOut: boolean;
  ours: boolean;
  library: boolean;
}

function rowsOf({ title, cases }: Fixtures): string[][] {
  const distinct = new Map(cases.map((one) => [JSON.stringify(one), one]));
  const judged = [...distinct.values()].flatMap(judge);
  const classes = [...new Set(judged.map((one) => one.class))].toSorted();
  return classes.map((name) => {
    const all = judged.filter((one) => one.class === name);
    const heldOut = all.filter((one) => one.heldOut);
    return [title, name, ...scores(all), ...scores(heldOut)];
  });
}

function scores(cases: readonly Judged[]): string[] {
  function percent(key: 'ours' | 'library'): string {
    return cases.length === 0 ? '–' : ((100 * cases.filter((one) => one[key]).length) / cases.length).toFixed(2);
  }
  return [String(cases.length), percent('ours'), percent('library')];
}

function judge({ userAgent, device, os, browser, robot, app }: UserAgentCase): Judged[] {
  const text = userAgent.slice(0, userAgentLimit);
  const ours = parseAgent(text);
  const parser = new UAParser(text);
  const heldOut = isHeldOut(userAgent);
  const judged: Judged[] = [];
  function add(name: string, right: boolean, libraryRight: boolean): void {
    judged.push({ class: name, heldOut, ours: right, library: libraryRight });
  }
  if (device !== undefined) add(`device ${device}`, ours.deviceType === device, kindOf(parser) === device);
  const system = familyOf(os, names.systems, systemFamily);
  if (system) add('os', ours.os === system, systemFamily(parser.getOS().name) === system);
  const family = familyOf(browser, names.browsers, browserFamily);
  if (family) add('browser', ours.browser === family, browserFamily(parser.getBrowser().name) === family);
  if (robot === true) add('robots caught', ours.robot !== null, isbot(text));
  if (robot === false) add(app ? 'apps kept' : 'people kept', ours.robot === null, !isbot(text));
  return judged;
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
