import { isbot, isbotMatch } from 'isbot';
import { matchScannerAgent } from '#core/mail-scanners/match-scanner.ts';
import { office } from '#core/mail-scanners/scanner-list.ts';

/** A robot identified by its user agent. */
export interface Robot {
  outcome: 'bot' | 'preview' | 'prefetch';
  /** Name of the matching rule, from a bounded set. */
  rule: string;
  name: string | null;
}

/** The rule of requests by mail scanners, recognized by their network or their user agent. */
export const scannerRule = 'network.mail-scanner';

/** Returns the robot, or NULL if the user agent looks like a person's. */
export function robotOf(userAgent: string): Robot | null {
  const preview = anyPreview.test(userAgent) && previews.find(([, pattern]) => pattern.test(userAgent))?.[0];
  if (preview) return { outcome: 'preview', rule: 'user-agent.preview', name: preview };
  const scanner = matchScannerAgent(userAgent);
  if (scanner) return { outcome: 'bot', rule: scannerRule, name: scanner };
  return isbot(userAgent.replace(people, ''))
    ? { outcome: 'bot', rule: 'user-agent.isbot', name: botNameOf(userAgent) }
    : null;
}

/**
 * Returns the robot that clicked a link, or NULL. Office opens a link twice before it starts the browser, so its own
 * requests are not clicks, but its views of a picture show that a person opened a mail.
 */
export function clickRobotOf(userAgent: string, robot: Robot | null): Robot | null {
  return office.test(userAgent) ? { outcome: 'prefetch', rule: scannerRule, name: 'Microsoft Office' } : robot;
}

/**
 * Services that fetch a link to show its preview in a conversation: a person posted the link, but did not open it. The
 * first match wins: iMessage's names both Facebook's and Twitter's fetcher, and Telegram's names Twitter's.
 */
const previews: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['iMessage', /facebookexternalhit\/[\d.]+ facebot twitterbot/i],
  ['Slack', /\bslackbot|slack-imgproxy/i],
  ['Facebook', /facebookexternalhit|facebookcatalog|\bfacebot\b/i],
  ['WhatsApp', /^whatsapp\//i],
  ['Telegram', /\btelegrambot\b/i],
  ['X', /\btwitterbot\b/i],
  ['Discord', /\bdiscordbot\b/i],
  ['LinkedIn', /\blinkedinbot\b/i],
  ['Skype', /skypeuripreview/i],
  ['Microsoft Teams', /\bteams(?:bot|linkpreview)|microsoftpreview/i],
  ['Mastodon', /\bmastodon\//i],
  ['Fediverse', /\b(?:pleroma|akkoma|misskey|firefish|friendica|lemmy|pixelfed|peertube|gotosocial)\b/i],
  ['Bluesky', /bluesky cardyb/i],
  ['Pinterest', /\bpinterest(?:bot\/\d|\/0\.)/i],
  ['Reddit', /\bredditbot\b/i],
  ['Viber', /^viber\b|\bviberbot/i],
  ['Line', /\bline-poker\b|\blinebot\b/i],
  ['KakaoTalk', /kakaotalk-scrap/i],
  ['Snapchat', /snap url preview/i],
  ['VK', /\bvkshare\b/i],
  ['Odnoklassniki', /\bodklbot\b/i],
  ['Matrix', /\bsynapse\b.*matrix|\bmatrix-media-repo\b|element url preview/i],
  ['Mattermost', /\bmattermost-bot\b/i],
  ['Rocket.Chat', /\brocket\.chat\b/i],
  ['Zulip', /zulip(?:urlpreview| url preview)/i],
  ['Google Chat', /google-(?:chat|pagerenderer)|googlemessages/i],
  ['Bing preview', /\bbingpreview\b/i],
  ['Yahoo preview', /yahoo link preview/i],
  ['Tumblr', /^tumblr\//i],
  ['Flipboard', /flipboardproxy/i],
  ['Embedly', /\bembedly\b/i],
  ['Iframely', /\biframely\b/i],
  ['Notion', /\bnotion(?:bot|embedder)\b/i],
  ['Trello', /\btrellobot\b/i],
  ['XING', /xing-contenttabreceiver/i],
  ['Signal', /\bsignal-?preview/i],
];

const anyPreview = new RegExp(previews.map(([, { source }]) => source).join('|'), 'i');

/** Devices and apps of people whose names contain a robot's word: `news`, `google`, `radar`, `java`, `|`. */
const people = /AppleNews|GoogleTV|\bHTC; Radar|\bJava\/ASVM\/|\bBada\/[\d.]+;|CE-HTML\/1\.0;?|baiduboxapp\/\S+/gi;

/** Names that the general pattern below would truncate or miss. */
const namedBots: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Googlebot', /googlebot/i],
  ['Google other', /google-(?:inspectiontool|read-aloud|extended|site-verification)|googleother|google favicon/i],
  ['AdsBot-Google', /adsbot-google|mediapartners-google/i],
  ['Bingbot', /bingbot|msnbot|adidxbot/i],
  ['Yahoo! Slurp', /yahoo! slurp/i],
  ['Baiduspider', /baiduspider/i],
  ['YandexBot', /\byandex\w*\//i],
  ['Sogou spider', /sogou/i],
  ['Applebot', /applebot/i],
  ['GPTBot', /gptbot/i],
  ['ChatGPT-User', /chatgpt-user/i],
  ['OAI-SearchBot', /oai-searchbot/i],
  ['ClaudeBot', /claudebot|claude-(?:web|user|searchbot)|anthropic-ai/i],
  ['PerplexityBot', /perplexity(?:bot|-user)/i],
  ['Meta crawler', /meta-external(?:agent|fetcher)/i],
  ['Headless Chrome', /headlesschrome/i],
  ['curl', /^curl\//i],
  ['Wget', /^wget\//i],
  ['Python', /python-(?:requests|urllib|httpx)|^python|aiohttp|httpx\//i],
  ['Go', /^go-http-client|^go \d/i],
  ['Java', /^java\/|apache-httpclient|okhttp/i],
  ['Node.js', /^(?:axios|node-fetch|undici|node)\b/i],
  ['Ruby', /^ruby|^http\.rb/i],
  ['PHP', /^php|guzzlehttp/i],
  ['Perl', /libwww-perl|lwp::/i],
];

/** `AhrefsBot`, `DotBot`, `SemrushBot-SA`, `Screaming Frog SEO Spider` → `SEO Spider`: the self-description. */
const selfNamed = /[\w.!-]{0,40}(?:bot|crawler|spider|fetcher|scraper|monitor|checker|validator|reader)[\w-]{0,20}/i;

const leadingProduct = /^([\w .!+-]{2,40}?)(?:\/|\s\(|$)/;

function botNameOf(userAgent: string): string | null {
  const named = namedBots.find(([, pattern]) => pattern.test(userAgent))?.[0];
  if (named) return named;
  const own = selfNamed.exec(userAgent)?.[0] ?? leadingProduct.exec(userAgent)?.[1];
  return own && own.toLowerCase() !== 'mozilla' ? own : isbotMatch(userAgent);
}
