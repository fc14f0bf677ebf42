import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  CodeDeliveryFailureException,
  InvalidParameterException,
  LimitExceededException,
  UsernameExistsException,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';
import { StoreUnavailable } from '../errors.ts';

/** Outcome of inviting an address. `subject` is the `sub` that every token of the account will carry. */
export type AccountInvitation =
  /** Cognito sent a password that is valid for `invitationDays`; a new one if the address was invited before. */
  | { kind: 'mailed'; subject: string }
  /** The account exists, but no mail was sent: the pool's daily limit is reached, or Cognito did not accept it. */
  | { kind: 'unmailed'; subject: string }
  /** The account has its own password already: there is nothing to send. */
  | { kind: 'known'; subject: string }
  /** Cognito does not accept the address. */
  | { kind: 'refused' }
  /** Another issuer manages the accounts. */
  | { kind: 'elsewhere' };

/** Manages the accounts that can sign in. Every function may throw {@link StoreUnavailable}. */
export interface UserPool {
  /** Creates an account for an address. Sends the mail again for an account that was never used. */
  invite: (email: string) => Promise<AccountInvitation>;
  /** Deletes an account, if it exists: it cannot sign in, and its sessions are not renewed. */
  remove: (subject: string) => Promise<void>;
}

/** A stack that trusts another issuer has no pool. */
export const noUserPool = 'none';

export interface UserPoolOptions {
  client: CognitoIdentityProviderClient;
  /** Id of the pool (`eu-central-1_Ab12`), or {@link noUserPool}. */
  pool: string;
}

const elsewhere: UserPool = { invite: async () => ({ kind: 'elsewhere' }), remove: async () => undefined };

interface Account {
  subject: string;
  status: string | undefined;
}

/** Creates the store of the stack's own user pool; only administrators can create accounts. */
export function createUserPool({ client, pool }: UserPoolOptions): UserPool {
  if (pool === noUserPool) return elsewhere;

  async function find(email: string): Promise<Account> {
    try {
      const found = await client.send(new AdminGetUserCommand({ UserPoolId: pool, Username: email }));
      return { subject: subjectOf(found.UserAttributes), status: found.UserStatus };
    } catch (error) {
      throw error instanceof StoreUnavailable ? error : refused('AdminGetUser', error);
    }
  }

  async function create(email: string, again: boolean): Promise<AccountInvitation> {
    const command = new AdminCreateUserCommand({
      UserPoolId: pool,
      Username: email,
      DesiredDeliveryMediums: ['EMAIL'],
      ...(again && { MessageAction: 'RESEND' }),
      // Signing in with the mailed password proves the address; a forgotten password can only be reset for a verified one.
      ...(!again && {
        UserAttributes: [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    });
    const { User } = await client.send(command);
    return { kind: 'mailed', subject: subjectOf(User?.Attributes) };
  }

  /** Interprets an error. A pool's own sender sends 50 mails a day; beyond that the account exists without a mail. */
  async function evaluate(email: string, error: unknown): Promise<AccountInvitation> {
    if (error instanceof StoreUnavailable) throw error;
    if (error instanceof InvalidParameterException) return { kind: 'refused' };
    if (error instanceof LimitExceededException || error instanceof CodeDeliveryFailureException)
      return { kind: 'unmailed', subject: (await find(email)).subject };
    throw refused('AdminCreateUser', error);
  }

  async function inviteAgain(email: string): Promise<AccountInvitation> {
    const { subject, status } = await find(email);
    if (status !== 'FORCE_CHANGE_PASSWORD') return { kind: 'known', subject };
    return create(email, true).catch((error: unknown) => evaluate(email, error));
  }

  return {
    invite: (email) =>
      create(email, false).catch((error: unknown) =>
        error instanceof UsernameExistsException ? inviteAgain(email) : evaluate(email, error),
      ),
    remove: async (subject) => {
      try {
        await client.send(new AdminDeleteUserCommand({ UserPoolId: pool, Username: subject }));
      } catch (error) {
        if (!(error instanceof UserNotFoundException)) throw refused('AdminDeleteUser', error);
      }
    },
  };
}

function subjectOf(found: readonly AttributeType[] = []): string {
  const subject = found.find(({ Name }) => Name === 'sub')?.Value;
  if (subject === undefined) throw new StoreUnavailable('Cognito returned an account without its sub');
  return subject;
}

/** Cognito's messages hold the address, so only their names are kept. */
function refused(operation: string, error: unknown): StoreUnavailable {
  return new StoreUnavailable(`Cognito refused ${operation}: ${error instanceof Error ? error.name : 'no response'}`);
}
