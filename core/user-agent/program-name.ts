import { nameFinder } from './name-finder.ts';
import names from './robot-names.json' with { type: 'json' };

const unnamed = 'Unnamed bot';

/** Returns the name of a program: a listed one, else the one it gives itself, else the host of its contact address. */
export function programNameOf(userAgent: string): string {
  const text = userAgent.replaceAll('%20', ' ').replaceAll(addresses, ' ');
  return listedIn(userAgent) ?? ownName(text) ?? contactOf(userAgent) ?? unnamed;
}

const listedIn = nameFinder(names.programs);

const addresses = /(?:https?:|\bwww\.|[\w.+-]+@|(?<=[\s;(])\+\w)[^\s;,)]*/gi;

function ownName(text: string): string | undefined {
  for (const pattern of selfDescriptions)
    for (const [, name = ''] of text.matchAll(pattern)) {
      const clean = leftovers.reduce((rest, pattern) => rest.replace(pattern, ''), name);
      if (clean.length > 1 && !noName.test(clean) && !code.test(clean)) return clean;
    }
  return undefined;
}

/** What stands before or after a name: signs and numbers, versions, ids, counts of subscribers, the end of its domain. */
const leftovers: readonly RegExp[] = [
  /^(?:\W+|\d{4,} )+/,
  /[\s_.-]*(?:\bv\.? ?)?\d+\.\d.*$/i,
  /(?:[\s_-]id)?[\s_-](?:[a-f\d]{4,}-){2,}[a-f\d]+$/i,
  /-?(?:prod|dev)?-?\d{4,}$/,
  / - \d+ subscribers?\b.*$|[\s.-]+contact$/i,
  /(?: v?[\d.]+)?[\s.;:,+-]*$/,
  /(?:\.(?:com|org|net|info|io|de|ru|eu))+$/i,
];

/** A random key, the name of a file, or words about a file. */
const code = /^(?=\S*\d)(?=\S*[a-z])[a-z\d+=-]{24,}$|[a-f\d]{12}|\.html?$|_robots$/i;

/**
 * From the surest to the vaguest: `AhrefsBot`, `SEO Spider`, `compatible; Name/1.0`, `Name/1.0`, a part of a comment, words
 * that a browser does not send.
 */
const selfDescriptions: readonly RegExp[] = [
  /([a-z\d][\w.!-]{0,40}(?:bot|crawler|spider|fetcher|scraper|monitor|checker|validator|reader)[\w-]{0,20})/gi,
  /([A-Z][\w.!-]{1,30} (?:[A-Z][\w-]{1,20} )?(?:bot|robot|crawler|spider|monitor|checker|scanner|reader|fetcher|proxy|agent)\b)/gi,
  /compatible; ?([\w .!-]{2,40}?)(?=\/|;|\)|,|$)/gi,
  /^([\w .!+-]{2,40}?)(?=\/|\s\(|;|,|$)/g,
  /([A-Za-z][\w.!-]{1,40})(?=\/v?\d)/g,
  /[;)] ?([A-Z][\w.!-]{2,40})(?=[;)]|$)/g,
  /like Gecko[;,] ?([A-Z][\w .-]{2,40}?)(?=[;)])/gi,
  /(?:Safari|Firefox)\/[\d.]+ ([A-Z][\w.-]{2,40})$/gi,
  /^Mozilla\/[\d.]+ \(?([A-Z][\w-]{2,40})(?=[ );]|$)/gi,
];

/** What a name must not be: parts of a browser's user agent, words for any program, and numbers. */
const noName =
  /(?:mozilla|https?:)|^(?:opera|applewebkit|khtml.*|like|gecko|chrome|chromium|safari|firefox|version|mobile|msie.*|trident|presto|windows.*|linux.*|android(?!\w{3}).*|macintosh.*|x11|wow64|win64|intel.*|u|en-us|iphone.*|ipad.*|cpu .*|edge?|edga|crios|fxios|gsa|sv1|ubuntu|appid|yabrowser|googletoolbar.*|post|get|opr|samsungbrowser|ucbrowser|build|rv|\.net.*|slcc\d|media center.*|infopath.*|compatible|(?:the )?(?:web)?(?:ro)?bots?|(?:web)?crawl(?:er)?s?|(?:web)?spiders?|fetcher|scraper|monitor(?:ing)?|checker|validator|reader|scanner|proxy|agent|user[ -]?agent|http|https|url|server|client|test|feed|tools|java|php|[\d. _-]+)$/i;

function contactOf(userAgent: string): string | undefined {
  const address = /(?:https?:\/\/|@)([\w.-]+)/i.exec(userAgent) ?? bareHost.exec(userAgent);
  const host = address?.[1]?.toLowerCase().split('.') ?? [];
  const owner = host.filter((label) => label.length > 2 && !noOwner.has(label)).at(-1);
  return owner !== undefined && /[a-z]/.test(owner) && !noName.test(owner) ? owner : undefined;
}

const bareHost = /\b([\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|eu|edu|de|ru))\b/i;

/** Endings of hosts, and hosts of other people's addresses. */
const noOwner = new Set([
  'www',
  'com',
  'org',
  'net',
  'info',
  'edu',
  'gov',
  'app',
  'dev',
  'gmail',
  'hotmail',
  'outlook',
  'yandex',
]);
