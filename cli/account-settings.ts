import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetAccountCommand, type SESv2Client } from '@aws-sdk/client-sesv2';

/** Concurrent executions of the account in a region, and how many of them no function has reserved. */
export interface Concurrency {
  limit: number;
  unreserved: number;
}

export async function readConcurrency(client: LambdaClient): Promise<Concurrency> {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions: unreserved = limit } = AccountLimit ?? {};
  return { limit, unreserved };
}

/** What SES lets the account send. */
export interface Sending {
  /** False in the sandbox: SES sends to verified addresses only. */
  production: boolean;
  enabled: boolean;
  /** `HEALTHY`, `PROBATION` or `SHUTDOWN`. */
  enforcement: string;
}

export async function readSending(client: SESv2Client): Promise<Sending> {
  const { ProductionAccessEnabled, SendingEnabled, EnforcementStatus } = await client.send(new GetAccountCommand({}));
  return {
    production: ProductionAccessEnabled ?? false,
    enabled: SendingEnabled ?? false,
    enforcement: EnforcementStatus ?? 'HEALTHY',
  };
}
