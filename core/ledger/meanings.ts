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
};
