import type { ClickMessage } from '#schemas/click-message.ts';
import type { Outcome } from '#schemas/event.ts';
import { type Robot, scannerRule } from '#core/user-agent/robots.ts';

/** The outcome of an event that did not fail, and the rule that decided it. */
export interface Verdict {
  outcome: Exclude<Outcome, 'failed' | 'duplicate'>;
  rule: string;
}

export interface Evidence {
  /** The robot that the user agent names. */
  robot: Robot | null;
  /** The mail scanner whose network sent the request. */
  scanner: string | null;
  /** The referrer is on the list of spam. */
  spam: boolean;
}

/**
 * Applies the first matching rule: edge decision, link previews, robots, mail scanners, headers, referrer. Uses one
 * message only.
 */
export function verdictOf(message: ClickMessage, { robot, scanner, spam }: Evidence): Verdict {
  if (message.outcome) return { outcome: message.outcome, rule: message.rule ?? `edge.${message.outcome}` };
  if (robot) return { outcome: robot.outcome, rule: robot.rule };
  if (scanner !== null) return { outcome: 'bot', rule: scannerRule };
  if (hidesUserAgent(message)) return { outcome: 'bot', rule: 'user-agent.absent' };
  const borrowed = borrowedNameRule(message);
  if (borrowed) return { outcome: 'bot', rule: borrowed };
  if (spam) return { outcome: 'bot', rule: 'referrer.spam' };
  return { outcome: 'counted', rule: 'counted' };
}

/** NULL means known to be absent. A header that the source cannot know is missing, and proves nothing. */
function hidesUserAgent({ headers }: ClickMessage): boolean {
  return headers.userAgent === null || headers.userAgent === '';
}

/**
 * Returns the rule by which a program uses a browser's name, or undefined. Applies only if the source knows which headers
 * were absent. docs/events.md has the sources, and the checks that would take too many people.
 */
function borrowedNameRule({ headers }: ClickMessage): string | undefined {
  const { userAgent, accept, acceptLanguage } = headers;
  if (typeof userAgent !== 'string' || !browserName.test(userAgent)) return undefined;
  if (acceptLanguage === '*') return 'headers.any-language';
  const programs = userAgent.startsWith('Mozilla/5.0') ? [null, '*/*'] : [null];
  return acceptLanguage === null && accept !== undefined && programs.includes(accept)
    ? 'headers.no-language'
    : undefined;
}

/** Names of browsers, old ones included: `Mozilla/4.0 (compatible; MSIE 8.0; …)`, `Opera/9.80 (…)`. */
const browserName = /^(?:Mozilla|Opera)\/\d/;
