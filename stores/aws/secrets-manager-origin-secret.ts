import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { StoreUnavailable } from '../errors.ts';

export interface OriginSecretOptions {
  client: SecretsManagerClient;
  arn: string;
  now: () => number;
  /** Milliseconds after which it is read again: a rotated secret is known by then. */
  fresh?: number;
}

/**
 * Reads the secret that CloudFront adds to its requests, and remembers it.
 * @returns a function that throws {@link StoreUnavailable} only where the secret was never read
 */
export function createOriginSecret({ client, arn, now, fresh = 300_000 }: OriginSecretOptions) {
  let known: { secret: string; readAt: number } | undefined;

  async function read(): Promise<string> {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (!SecretString) throw new StoreUnavailable(`secret ${arn} is empty`);
    return SecretString;
  }

  return async (): Promise<string> => {
    if (known !== undefined && now() - known.readAt < fresh) return known.secret;
    try {
      known = { secret: await read(), readAt: now() };
    } catch (cause) {
      if (known === undefined) throw new StoreUnavailable(`secret ${arn} could not be read`, { cause });
      known = { ...known, readAt: now() };
    }
    return known.secret;
  };
}
