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
  if (borrowsBrowserName(message)) return { outcome: 'bot', rule: 'headers.no-language' };
  if (spam) return { outcome: 'bot', rule: 'referrer.spam' };
  return { outcome: 'counted', rule: 'counted' };
}

/** NULL means known to be absent. A header that the source cannot know is missing, and proves nothing. */
function hidesUserAgent({ headers }: ClickMessage): boolean {
  return headers.userAgent === null || headers.userAgent === '';
}

/**
 * Returns whether a program uses a browser's name: every browser sends `accept-language`, or an `accept` other than
 * any type. Applies only if the source knows that the headers were absent.
 */
function borrowsBrowserName({ headers }: ClickMessage): boolean {
  return (
    typeof headers.userAgent === 'string' &&
    isBrowser(headers.userAgent) &&
    headers.acceptLanguage === null &&
    (headers.accept === null || headers.accept === '*/*')
  );
}

function isBrowser(userAgent: string): boolean {
  return userAgent.startsWith('Mozilla/5.0');
}
