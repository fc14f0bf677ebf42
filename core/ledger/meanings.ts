import type { Outcome } from '#schemas/event.ts';

/** What each outcome means, in the words that owners read. */
export const outcomeMeanings: Readonly<Record<Outcome, string>> = {
  counted: 'A visit by a person, counted.',
  bot: 'A crawler, a monitor or another program that says so, or behaves like one.',
  preview: 'A messenger or social network that fetched the link to show a preview.',
  prefetch: 'A browser that loaded the link ahead of a tap; a real tap is counted when it comes.',
  head: 'A HEAD request: it asks for headers only, as link checkers do.',
  duplicate: 'A second event of the same visitor on the same target within seconds, or one that was delivered twice.',
  disabled: 'The link was switched off.',
  expired: 'The link had not started yet or had ended.',
  refused:
    'The request was not one that counts: another method, an origin that is not registered, or above the rate limit.',
  failed: 'The event could not be read; it is kept and can be replayed.',
};
