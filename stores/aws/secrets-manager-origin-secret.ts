import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { StoreUnavailable } from '../errors.ts';
import { remember } from './remembered.ts';

export interface OriginSecretOptions {
  client: SecretsManagerClient;
  arn: string;
  now: () => number;
  /** Milliseconds after which it is read again: a rotated secret is known by then. */
  fresh?: number;
}

/** Reads the secret that CloudFront adds to its requests, and remembers it. */
export function createOriginSecret({ client, arn, now, fresh = 300_000 }: OriginSecretOptions) {
  async function read(): Promise<string> {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (!SecretString) throw new StoreUnavailable(`secret ${arn} is empty`);
    return SecretString;
  }
  return remember({ what: `secret ${arn}`, read, now, fresh });
}
