import { clientHintHeaders } from '#schemas/edge-headers.ts';
import type { DeviceType } from '#schemas/event.ts';
import { browserFamily, otherFamily, systemFamily } from './families.ts';
import type { Robot } from './robots.ts';

export interface Agent {
  deviceType: DeviceType;
  os: string | null;
  browser: string | null;
  /** Major version. */
  browserVersion: string | null;
  robot: Robot | null;
  /** The robot if the event is a link click. */
  clickRobot: Robot | null;
}

/**
 * Returns what the client hints say more: a browser that uses Chrome's name, a phone or tablet that asks for the desktop
 * site. The user agent decides wherever it says something of its own.
 *
 * @param hints a query string of `clientHintHeaders`
 */
export function withClientHints(agent: Agent, hints: string): Agent {
  if (agent.robot !== null) return agent;
  const said = new URLSearchParams(hints);
  const [mobile = '', platform = '', brands = ''] = clientHintHeaders.map((name) => said.get(name) ?? '');
  const named = namesIn(brands);
  const os = systemFrom(platform, agent.os);
  return { ...agent, ...browserFrom(named, agent), os, deviceType: deviceFrom(agent, os, mobile === '?1') };
}

interface Brand {
  name: string;
  /** Major version. */
  version: string;
}

/** Returns the brands of `"Chromium";v="130", "Brave";v="130", "Not?A_Brand";v="99"`. */
function namesIn(brands: string): Brand[] {
  return [...brands.matchAll(/"([^"\\]{1,60})";v="(\d{1,4})/g)].map(([, name = '', version = '']) => ({
    name,
    version,
  }));
}

/** Names that say nothing: Chromium is a brand of every browser that sends hints. */
const unknown: ReadonlySet<string> = new Set([otherFamily, 'Chromium']);

/** Names under which every Chromium may come, whatever browser it is. */
const engines: ReadonlySet<string | null> = new Set(['Chrome', 'Chromium', 'Chrome WebView', null]);

/** Brands whose browser has another name here. */
const brandNames: ReadonlyMap<string, string> = new Map([
  ['Google Chrome', 'Chrome'],
  ['Android WebView', 'Chrome WebView'],
  ['Microsoft Edge', 'Edge'],
  ['OperaMobile', 'Opera Mobi'],
  ['Opera GX Android', 'Opera GX'],
  ['Opera Mini Android', 'Opera Mini'],
  ['HeyTapBrowser', 'HeyTap'],
  ['MiuiBrowser', 'MIUI Browser'],
]);

/** A browser with a name of its own in its user agent keeps it, or gets that of its edition: `Opera GX` of `Opera`. */
function browserFrom(
  brands: readonly Brand[],
  { browser, browserVersion }: Agent,
): Pick<Agent, 'browser' | 'browserVersion'> {
  const known = brands.flatMap(({ name, version }) => {
    const family = browserFamily(brandNames.get(name) ?? name);
    return family === null || unknown.has(family) ? [] : [{ browser: family, browserVersion: version }];
  });
  const own = engines.has(browser) ? known.find((each) => !engines.has(each.browser)) : undefined;
  const closer = known.find((each) => browser === null || each.browser.startsWith(`${browser} `));
  return own ?? closer ?? { browser, browserVersion };
}

/** Systems that a user agent may name to get the desktop site, or to hide its own. */
const borrowed: ReadonlySet<string | null> = new Set(['Windows', 'macOS', 'Linux', null]);
const platforms: ReadonlySet<string | null> = new Set([
  'Android',
  'ChromeOS',
  'Fuchsia',
  'iOS',
  'Linux',
  'macOS',
  'Windows',
]);

function systemFrom(platform: string, os: string | null): string | null {
  const said = systemFamily(platform.replaceAll('"', ''));
  return borrowed.has(os) && platforms.has(said) ? said : os;
}

/** Of a desktop site on Android, a phone says `?1` and a tablet `?0`. Chrome's own says Linux and `?0`, and stays a desktop. */
function deviceFrom({ deviceType, os: named }: Agent, os: string | null, isMobile: boolean): DeviceType {
  if (deviceType !== 'desktop' || (os !== 'Android' && os !== 'iOS')) return deviceType;
  if (isMobile) return 'mobile';
  return os === named ? deviceType : 'tablet';
}
