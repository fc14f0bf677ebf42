import { UAParser } from 'ua-parser-js';
import { type DeviceType, deviceTypes, eventFields } from '#schemas/event.ts';
import { cut } from '#core/cut.ts';
import { browserFamily, systemFamily } from './families.ts';
import { memoize } from '#core/memoize.ts';
import { clickRobotOf, type Robot, robotOf } from './robots.ts';

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

/** Longest user agent used, in UTF-16 code units. The rest is cut, for parsing and for the visitor's hash. */
export const userAgentLimit = 1024;

/**
 * Matches Chrome, Edge, Firefox and Safari on a desktop exactly. The parser has no device type for them, and spends a
 * third of its time trying 200 patterns to find out.
 */
export const plainDesktop =
  /^Mozilla\/5\.0 \((?:Windows NT [\d.]+(?:; (?:WOW64|Win64; x64))?|X11; (?:Ubuntu; )?Linux (?:x86_64|i686)|Macintosh; Intel Mac OS X [\d._]+)(?:; rv:[\d.]+)?\) (?:AppleWebKit\/[\d.]+ \(KHTML, like Gecko\) (?:(?:Chrome|Version)\/[\d.]+ )?Safari\/[\d.]+(?: Edg\/[\d.]+)?|Gecko\/\d+ Firefox\/[\d.]+)$/;

/** Parses without the cache of `agentOf`. */
export function parseAgent(userAgent: string): Agent {
  const parser = new UAParser(userAgent);
  const browser = parser.getBrowser();
  const os = systemOf(parser.getOS().name, userAgent);
  const robot = robotOf(userAgent);
  return {
    deviceType: deviceTypeOf(typeOf(parser, userAgent), os, userAgent),
    os,
    browser: inAppOf(userAgent) ?? browserFamily(browser.name),
    browserVersion: cut(/^\d+/.exec(browser.version ?? '')?.[0], eventFields.browser_version.limit),
    robot,
    clickRobot: clickRobotOf(userAgent, robot),
  };
}

const desktopSystems = new Set(
  `
  Windows, macOS, Linux, ChromeOS, Ubuntu, Kubuntu, Xubuntu, Lubuntu, Debian, Fedora, Mint, SUSE, openSUSE, Arch,
  Gentoo, CentOS, Red Hat, Manjaro, Mageia, Mandriva, Slackware, FreeBSD, OpenBSD, NetBSD, DragonFly, Solaris,
  OpenSolaris, Haiku, BeOS, AmigaOS, UNIX, deepin, elementary OS
`
    .trim()
    .split(/,\s+/),
);

const mobileSystems = new Set([
  'Windows Phone',
  'Windows Mobile',
  'Symbian',
  'Series40',
  'BlackBerry',
  'KaiOS',
  'Bada',
  'Firefox OS',
]);

/** In-app browsers that the parser mistakes for the web view they run in. */
const inAppBrowsers: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Threads', /\bBarcelona \d/],
  ['TikTok', /\b(?:BytedanceWebview|musical_ly|TikTok)\b/i],
  ['Pinterest', /\[Pinterest\//],
  ['Messenger', /FBAN\/Messenger|FB_IAB\/(?:Orca|MESSENGER)/],
  ['Facebook', /FBAN\/|FB_IAB\/FB4A/],
  ['Reddit', /\bReddit\/\d/],
  ['Telegram', /\bTelegram-Android\/|\bTelegram\b.* Safari/],
];

/** Corrects the parser: phones with unusual forms of `like Mac OS X`, Darwin on a Mac, Windows without NT. */
function systemOf(name: string | undefined, userAgent: string): string | null {
  const system = systemFamily(name);
  if (system === 'macOS' && /\b(?:iPhone|iPad|iPod)\b/.test(userAgent)) return 'iOS';
  if (system === 'iOS' && /Darwin\/.*(?:i386|x86_64|\bMac)/.test(userAgent)) return 'macOS';
  if (system === null && /\bWindows\b/.test(userAgent)) return 'Windows';
  return system === null && /\bS60V\d/.test(userAgent) ? 'Symbian' : system;
}

/** Adds the types that the parser lacks: desktops, and Android devices of an unknown model. */
function deviceTypeOf(type: string | undefined, os: string | null, userAgent: string): DeviceType {
  if (type === 'smarttv') return 'tv';
  if (/\biPad\b/.test(userAgent)) return 'tablet';
  const known = deviceTypes.find((candidate) => candidate === type);
  if (known) return known;
  if (os === 'Android') return /\bMobile\b/.test(userAgent) ? 'mobile' : 'tablet';
  if (os === 'iOS' || (os && mobileSystems.has(os))) return 'mobile';
  return os && desktopSystems.has(os) ? 'desktop' : 'other';
}

function typeOf(parser: UAParser, userAgent: string): string | undefined {
  return plainDesktop.test(userAgent) ? undefined : parser.getDevice().type;
}

function inAppOf(userAgent: string): string | undefined {
  return inAppBrowsers.find(([, pattern]) => pattern.test(userAgent))?.[0];
}

/** Parsing takes 30 to 90 µs, and a thousand visitors share a few hundred user agents. */
const agents = memoize(4096, parseAgent);

/** Parses a user agent of at most `userAgentLimit` characters. Cached. */
export function agentOf(userAgent: string): Agent {
  return agents(userAgent);
}
