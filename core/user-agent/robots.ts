import { isbot } from 'isbot';
import { matchScannerAgent } from '#core/mail-scanners/match-scanner.ts';
import { office } from '#core/mail-scanners/scanner-list.ts';
import { namesDevice } from './device.ts';
import { findNamedRobot } from './named-robots.ts';
import { programNameOf } from './program-name.ts';

/** A robot identified by its user agent. */
export interface Robot {
  outcome: 'bot' | 'preview' | 'prefetch';
  /** Name of the matching rule, from a bounded set. */
  rule: string;
  name: string | null;
}

/** The rule of requests by mail scanners, recognized by their network or their user agent. */
export const scannerRule = 'network.mail-scanner';

/**
 * Returns the robot, or NULL if the user agent looks like a person's.
 *
 * @param isNameless whether the user agent names neither a system nor a browser
 */
export function robotOf(userAgent: string, isNameless: boolean): Robot | null {
  const named = findNamedRobot(userAgent);
  if (named?.kind === 'assistant') return { outcome: 'bot', rule: 'user-agent.assistant', name: named.name };
  if (named?.kind === 'monitor') return { outcome: 'bot', rule: 'user-agent.isbot', name: named.name };
  if (named) return { outcome: 'preview', rule: 'user-agent.preview', name: named.name };
  const scanner = matchScannerAgent(userAgent);
  if (scanner) return { outcome: 'bot', rule: scannerRule, name: scanner };
  return isProgram(userAgent) || (isNameless && isForged(userAgent))
    ? { outcome: 'bot', rule: 'user-agent.isbot', name: programNameOf(userAgent) }
    : null;
}

/**
 * Returns the robot that clicked a link, or NULL. Office opens a link twice before it starts the browser, so its own
 * requests are not clicks, but its views of a picture show that a person opened a mail.
 */
export function clickRobotOf(userAgent: string, robot: Robot | null): Robot | null {
  return office.test(userAgent) ? { outcome: 'prefetch', rule: scannerRule, name: 'Microsoft Office' } : robot;
}

/** A word such as `scan`, `news` or `bot` is a program's only where no device or app encloses it. */
function isProgram(userAgent: string): boolean {
  if (!isbot(userAgent)) return false;
  const said = enclosures.reduce((text, pattern) => text.replaceAll(pattern, ' '), userAgent);
  return personal.test(userAgent) ? declaredProgram.test(said) : isbot(said);
}

/** A browser names its engine or its device. Without either, it is a forged one, or a probe of the server. */
function isForged(userAgent: string): boolean {
  return claim.test(userAgent) && !evidence.test(userAgent) && !namesDevice(userAgent);
}

const claim = /^Mozilla\/|["'<>{}|]/;
const evidence = /WebKit|Gecko|KHTML|Presto|Trident|\bX11;|MIDP|CLDC|Cellphone/i;

/** Text in which a device names its model and build, an app its carrier, and a phone its parts. */
const enclosures: readonly RegExp[] = [
  /(?<=\bAndroid(?: [\d.]+)?; (?:[a-z]{2}[-_][a-z]{2,3}; )?)(?!compatible|https?:|catchpoint)[^;)]+/gi,
  /\[FB[^\]]*\]?|\bFBCR\/[^;\]]*|(?<=Instagram [\d.]+ )\w+ \([^)]*\)|\[Pinterest[^\]]*\]/gi,
  /AppleNews|Google ?TV|(?:HTC|NOKIA); Radar|\bJava\/ASVM\/|\bBada\/[\d.]+;|CE-HTML\/1\.0;?|(?:baidu(?:boxapp|browser)|zhangbai)\/\S+|(?<=Trident\/[\d.]+; )chromeframe\/|(?<=Gecko\) |;)Google ?(?:Earth|Lens|Hypersonic)\b|Blue Proxy|\bTTID\/\S+|Hybrid\(\)|\bcom\.google\.[\w.]+|Proxyless|\bSogouSearch(?= Android)|\.Catcher[\d.]*/gi,
];

/** What only a person's device says: an app's web view, a television, a phone with keys. */
const personal =
  /; wv\)|; wv AppleWebKit\/|\((?:iPhone|iPad|iPod)\d+,\d[^)]*\) AppleWebKit|\(i(?:Phone|Pad|Pod)[^)]*\) AppleWebKit\/[\d.]+ \(KHTML, like Gecko\) (?!.*Safari\/).*Mobile\/\w|HbbTV|SMART-?TV|NETTV\/|\bOMI\/|VIDAA|Profile\/MIDP|Configuration\/CLDC|UP\.Browser|\bMAUI\b|Wap[ -]?Browser|Google ?TV [\d.]+;|\bBDPlayer;|^(?:Nokia|SonyEricsson|SAMSUNG[- ]|LG(?:E?[-/ ]|\w{2})|MOT(?:OROLA)?-|SIE-|BlackBerry|HTC[-_ ]|PANTECH[- ]|HUAWEI-|LENOVO[- ]|SPICE |BIRD[-_. ])|SogouM(?:SE|obile)|MicroMessenger\/|AliApp\(|^dv\(iP|RobloxApp\/|watchOS\/|\bWatch\d,\d+; watchOS|Device\/|\bManufacturer[:=]|\(model |\b(?:iPhone|iPad|iPod)\d+,\d+ i(?:Pad)?OS\/|^Dalvik\/[\d.]+ \(Linux; U; Android [^)]*\) \w+\/\d|Android Application|Series40;|Bada\//i;

/** What a program says of itself, even inside a person's user agent. */
const declaredProgram =
  /(?<!cu)bots?(?:\b|_)|crawl|spider|https?:\/\/|@[a-z][\w-]+\.|headless|lighthouse|pagespeed|\bptst[ /]|google(?:other|-)|appinsights|synthetic|selenium|phantomjs|cypress|playwright|scrape|pingdom|uptime|fetcher|validator|weblight|-agent\b|devtools|firephp|\dMQQBrowser/i;
