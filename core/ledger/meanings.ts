import type { Outcome } from '#schemas/event.ts';

/** What each outcome means, for page owners. */
export const outcomeMeanings: Readonly<Record<Outcome, string>> = {
  counted: 'A visit by a person. It is counted.',
  bot: 'A crawler, a mail scanner or another program, by its user agent, network, headers or behavior. Behavior is evaluated when the hour settles.',
  preview: 'A messenger or social network fetched the link to show a preview.',
  prefetch: 'A browser or an Office program loaded the link ahead of a tap. The tap itself is counted if it follows.',
  head: 'A HEAD request for headers only, mostly from link checkers.',
  duplicate: 'A repeated event of the same visitor within seconds, or an event that was delivered twice.',
  disabled: 'The link was disabled or had not started yet.',
  expired: 'The link had expired.',
  refused:
    'The request had another method, an unregistered origin, an invalid destination or a misspelled code, came without the password of a link, was over 24 hours old, led to another site of the page, or exceeded the rate limit.',
  failed: 'The event could not be read. It is stored and can be replayed.',
  identify: 'An SDK said that two ids belong to one person. It is stored for retention, and counts nothing.',
};

/** Rules that a page's owner can do something about, and those that the outcome alone does not explain. */
const ruleMeanings: Readonly<Record<string, string>> = {
  'refused.origin': "The site is not one of the page's origins. Add it in the settings.",
  'refused.key': 'The ingest key is not one of this page, or it was revoked.',
  'refused.rate': 'Too many events from this address within a minute.',
  'refused.size': 'The event, or its batch, is too large.',
  'time.too-old': 'The event happened more than 24 hours before it was sent, or 29 days with an ingest key.',
  'link.own-site': "A click that leads to one of the page's own sites is not a click on an outbound link.",
  'link.short-link': 'The redirect counts this click.',
  'link.unknown': 'The code does not exist, but is close to that of a link.',
  'link.domain': 'The link answers only at its own domain.',
  'link.password': 'The link is protected, and no password was given.',
  'user-agent.absent': 'No user agent was sent.',
  'user-agent.isbot': 'The user agent is that of a bot.',
  'user-agent.assistant': 'An AI assistant opened the page for a person.',
  'network.mail-scanner': 'A mail scanner opens the links of mails.',
  'headers.no-language': "A program with a browser's name: it sent no language.",
  'headers.any-language': "A program with a browser's name: it accepts any language.",
  'referrer.spam': 'The referrer is one that bots forge.',
};

/** Returns why an event has its outcome, for page owners. */
export function describeRule(outcome: Outcome, rule: string): string {
  const [, field] = /^invalid\.(.+)$/.exec(rule) ?? [];
  if (field !== undefined) return `\`${field}\` could not be read.`;
  return ruleMeanings[rule] ?? outcomeMeanings[outcome];
}
