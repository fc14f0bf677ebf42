import { seal, unseal } from '#core/seal.ts';
import { type Channel, type ChannelTarget, channelTargetSchema } from '#schemas/channels.ts';

/** A target opens for its own channel only: copied to another one, it can't be decrypted. */
type SealedFor = Pick<Channel, 'owner' | 'id'>;

interface SealOptions {
  /** The stack's secret, from which the key is derived. */
  secret: string;
  /** 12 random bytes, never used twice. */
  iv: Uint8Array;
}

const purpose = 'hopcount channels';

/** Encrypts where a channel's messages go. */
export function sealTarget(target: ChannelTarget, channel: SealedFor, { secret, iv }: SealOptions): string {
  return seal(JSON.stringify(target), { secret, iv, purpose, context: contextOf(channel) });
}

/** @throws {Error} with another secret, for another channel, or if it was changed */
export function openTarget({ sealed, ...channel }: SealedFor & Pick<Channel, 'sealed'>, secret: string): ChannelTarget {
  const text = unseal(sealed, { secret, purpose, context: contextOf(channel) });
  return channelTargetSchema.parse(JSON.parse(text));
}

function contextOf({ owner, id }: SealedFor): string {
  return `${owner} ${id}`;
}
