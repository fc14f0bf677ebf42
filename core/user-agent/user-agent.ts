import { UAParser } from 'ua-parser-js';
import { eventFields } from '#schemas/event.ts';
import { cut } from '#core/cut.ts';
import names from './name-words.json' with { type: 'json' };
import { type Agent, withClientHints } from './client-hints.ts';
import { deviceTypeOf } from './device.ts';
import { browserFamily, systemFamily } from './families.ts';
import { nameFinder } from './name-finder.ts';
import { type PlainBrowser, readPlainBrowser } from './plain-browser.ts';
import { memoize } from '#core/memoize.ts';
import { clickRobotOf, robotOf } from './robots.ts';

/** Longest user agent used, in UTF-16 code units. The rest is cut, for parsing and for the visitor's hash. */
export const userAgentLimit = 1024;

/** Parses without the cache of `agentOf`. */
export function parseAgent(userAgent: string): Agent {
  const plain = readPlainBrowser(userAgent);
  return plain ? plainAgent(userAgent, plain) : parseUnusual(userAgent);
}

function plainAgent(userAgent: string, { browser, version: browserVersion, os, hasModel }: PlainBrowser): Agent {
  if (hasModel) return agentWith(userAgent, { os: systemOf(os, userAgent), browser, browserVersion });
  const deviceType = os === 'Android' || os === 'iOS' ? 'mobile' : 'desktop';
  return { deviceType, os, browser, browserVersion, robot: null, clickRobot: null };
}

type NamedBrowser = Pick<Agent, 'os' | 'browser' | 'browserVersion'>;

function agentWith(userAgent: string, { os, browser, browserVersion }: NamedBrowser): Agent {
  const robot = robotOf(userAgent, os === null && browser === null);
  function parsedType(): string | undefined {
    const { type, vendor } = new UAParser(userAgent).getDevice();
    // Without a vendor, the parser takes any Android that does not end with `Mobile Safari` for a tablet.
    return type === 'tablet' && vendor === undefined && /Mobile /.test(userAgent) ? undefined : type;
  }
  return {
    deviceType: deviceTypeOf(userAgent, { os, isRobot: robot !== null, parsedType }),
    os,
    browser,
    browserVersion,
    robot,
    clickRobot: clickRobotOf(userAgent, robot),
  };
}

/** Parses a user agent of any form, plain ones too. */
export function parseUnusual(userAgent: string): Agent {
  const parser = new UAParser(userAgent);
  const { name, version } = parser.getBrowser();
  return agentWith(userAgent, {
    os: systemOf(parser.getOS().name, userAgent),
    browser: browserOf(name, userAgent),
    browserVersion: cut(/^\d+/.exec(version ?? '')?.[0], eventFields.browser_version.limit),
  });
}

const browserNamedIn = nameFinder(names.browsers);
const systemNamedIn = nameFinder(names.systems);
const mistaken: ReadonlySet<string | null> = new Set([null, ...names.mistaken]);

function systemOf(name: string | undefined, userAgent: string): string | null {
  const parsed = systemFamily(name);
  return mistaken.has(parsed) ? (systemNamedIn(userAgent) ?? parsed) : parsed;
}

function browserOf(name: string | undefined, userAgent: string): string | null {
  const parsed = browserFamily(name);
  if (parsed === 'Android Browser' && / Chrome\/\d/.test(userAgent))
    return browserNamedIn(userAgent) ?? 'Chrome WebView';
  return browserNamedIn(userAgent) ?? parsed;
}

/** Parsing takes 30 to 90 µs, and a thousand visitors share a few hundred user agents. */
const agents = memoize(4096, parseAgent);

/**
 * Parses a user agent of at most `userAgentLimit` characters, and what the client hints add to it. Cached.
 * @param hints as the viewer function folds them
 */
export function agentOf(userAgent: string, hints: string | null = null): Agent {
  return hints === null ? agents(userAgent) : hintedAgents(`${hints.slice(0, hintsLimit)}\n${userAgent}`);
}

/** Longest client hints used: those of browsers have about 250 characters. */
const hintsLimit = 600;

const hintedAgents = memoize(4096, (key: string) => {
  const end = key.indexOf('\n');
  return withClientHints(agents(key.slice(end + 1)), key.slice(0, end));
});
