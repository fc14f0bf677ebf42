import { mostAnswerBytes, type PullResponse } from '#core/history/pulls/outcome.ts';
import type { Ask, Source } from '#core/history/pulls/source.ts';
import { createPublicRequest, type PublicRequestOptions } from './public-request.ts';

/** Asks the API of a tool once. It never throws. */
export type AskTool = (ask: Ask, authorize: Source['authorize'], token: string) => Promise<PullResponse>;

/**
 * Creates a function that asks the APIs of tools: at public addresses only, and without following redirects, which would take
 * the token elsewhere.
 */
export function createToolApi(options: PublicRequestOptions = {}): AskTool {
  const send = createPublicRequest({ timeout: 60_000, ...options });
  return ({ method, url, content }, authorize, token) =>
    send(new URL(url), {
      method,
      userAgent: 'hopcount-import/1',
      accept: 'application/json',
      headers: authorize(token),
      ...(content !== undefined && { content }),
      // One more says that there is more.
      mostBytes: mostAnswerBytes + 1,
    });
}
