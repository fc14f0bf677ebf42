import { UAParser } from 'ua-parser-js';
import { type DeviceType, deviceTypes, eventFields } from '#schemas/event.ts';
import { cut } from '#core/cut.ts';
import { browserFamily, systemFamily } from './families.ts';
import { memoize } from '#core/memoize.ts';
import { type Robot, robotOf } from './robots.ts';

export interface Agent {
  deviceType: DeviceType;
  os: string | null;
  browser: string | null;
  /** Major version. */
  browserVersion: string | null;
  robot: Robot | null;
}

/** Longest user agent looked at, in UTF-16 code units; what follows is cut, for parsing and for the visitor's hash alike. */
export const userAgentLimit = 1024;

/**
 * Chrome, Edge, Firefox and Safari on a desktop, to the letter. The parser knows no kind of device for any of them, and
 * tries 200 patterns, a third of its work, to find that out.
 */
export const plainDesktop =
  /^Mozilla\/5\.0 \((?:Windows NT [\d.]+(?:; (?:WOW64|Win64; x64))?|X11; (?:Ubuntu; )?Linux (?:x86_64|i686)|Macintosh; Intel Mac OS X [\d._]+)(?:; rv:[\d.]+)?\) (?:AppleWebKit\/[\d.]+ \(KHTML, like Gecko\) (?:(?:Chrome|Version)\/[\d.]+ )?Safari\/[\d.]+(?: Edg\/[\d.]+)?|Gecko\/\d+ Firefox\/[\d.]+)$/;

/** Parses anew; see `agentOf`. */
export function parseAgent(userAgent: string): Agent {
  const parser = new UAParser(userAgent);
  const browser = parser.getBrowser();
  const os = systemOf(parser.getOS().name, userAgent);
  return {
    deviceType: deviceTypeOf(typeOf(parser, userAgent), os, userAgent),
    os,
    browser: inAppOf(userAgent) ?? browserFamily(browser.name),
    browserVersion: cut(/^\d+/.exec(browser.version ?? '')?.[0], eventFields.browser_version.limit),
    robot: robotOf(userAgent),
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

/** In-app browsers that the parser takes for the web view they run in. */
const inAppBrowsers: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Threads', /\bBarcelona \d/],
  ['TikTok', /\b(?:BytedanceWebview|musical_ly|TikTok)\b/i],
  ['Pinterest', /\[Pinterest\//],
  ['Messenger', /FBAN\/Messenger|FB_IAB\/(?:Orca|MESSENGER)/],
  ['Facebook', /FBAN\/|FB_IAB\/FB4A/],
  ['Reddit', /\bReddit\/\d/],
  ['Telegram', /\bTelegram-Android\/|\bTelegram\b.* Safari/],
];

/** Where the parser errs: phones that write `like Mac OS X` their own way, Darwin on a Mac, Windows without NT. */
function systemOf(name: string | undefined, userAgent: string): string | null {
  const system = systemFamily(name);
  if (system === 'macOS' && /\b(?:iPhone|iPad|iPod)\b/.test(userAgent)) return 'iOS';
  if (system === 'iOS' && /Darwin\/.*(?:i386|x86_64|\bMac)/.test(userAgent)) return 'macOS';
  if (system === null && /\bWindows\b/.test(userAgent)) return 'Windows';
  return system === null && /\bS60V\d/.test(userAgent) ? 'Symbian' : system;
}

/** The parser knows no type for a desktop, and none for an Android device whose model it does not know. */
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

/** Parsing costs 30 to 90 µs, and a thousand visitors share a few hundred user agents. */
const agents = memoize(4096, parseAgent);

/** Reads a user agent that is no longer than `userAgentLimit`. */
export function agentOf(userAgent: string): Agent {
  return agents(userAgent);
}
