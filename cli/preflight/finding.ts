import type { Reply } from './reply.ts';

/** What a deployment will meet. `blocks`: it would fail, or lose something. */
export interface Finding {
  check: string;
  state: 'ok' | 'warning' | 'blocks';
  found: string;
  /** What to do about it. Undefined if the state is `ok`. */
  advice?: string;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found };
}

export function warning(check: string, found: string, advice: string): Finding {
  return { check, state: 'warning', found, advice };
}

export function blocks(check: string, found: string, advice: string): Finding {
  return { check, state: 'blocks', found, advice };
}

/** Reports a reply that could not be read, or evaluates its value. */
export function evaluate<T>(check: string, reply: Reply<T>, judge: (value: T) => Finding): Finding {
  if (reply.kind === 'read') return judge(reply.value);
  const advice = reply.denied
    ? 'add lib/deployer-policy.json to your user, or check it by hand'
    : 'try again, or check it by hand';
  return warning(check, `could not check: ${reply.reason}`, advice);
}
