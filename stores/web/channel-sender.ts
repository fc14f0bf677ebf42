import type { ChannelMessage } from '#core/channels/message.ts';
import { type ChannelOutcome, readOutcome } from '#core/channels/outcome.ts';
import { buildRequest } from '#core/channels/request.ts';
import { openTarget } from '#core/channels/seal.ts';
import type { Channel, ChannelTarget } from '#schemas/channels.ts';
import { createPublicRequest, type PublicRequestOptions } from './public-request.ts';

export interface ChannelSenderOptions extends PublicRequestOptions {
  /** The stack's secret, with which targets are encrypted. */
  secret: () => Promise<string>;
  now: () => number;
}

/** Sends a message once. @param id the same for each attempt to send it */
export type SendToChannel = (channel: Channel, message: ChannelMessage, id: string) => Promise<ChannelOutcome>;

/** With a new secret, nobody can tell where the messages went. */
const unreadable: ChannelOutcome = {
  kind: 'failed',
  detail: 'can’t be decrypted; delete the channel and add it again',
  retryAfter: 0,
  final: true,
};

/** Bytes of a response that may hold the time to wait. */
const mostBytes = 1000;

/**
 * Creates a function that sends messages to channels: to public addresses only, and without following redirects.
 * @throws {StoreUnavailable} while the secret can't be read
 */
export function createChannelSender({ secret, now, ...options }: ChannelSenderOptions): SendToChannel {
  const send = createPublicRequest({ timeout: 10_000, ...options });
  return async (channel, message, id) => {
    const target = tryOpen(channel, await secret());
    if (target === undefined) return unreadable;
    const { url, headers, body } = buildRequest(channel.service, target, message, { id, now: now() });
    const response = await send(new URL(url), {
      method: 'POST',
      userAgent: 'hopcount-alerts/1',
      accept: '*/*',
      headers,
      content: body,
      mostBytes,
    });
    return readOutcome(response, now());
  };
}

function tryOpen(channel: Channel, secret: string): ChannelTarget | undefined {
  try {
    return openTarget(channel, secret);
  } catch {
    return undefined;
  }
}
