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

/** What came of inviting an address. `subject` is the `sub` that every token of the account will carry. */
export type AccountInvitation =
  /** Cognito has sent a password that holds for invitationDays; a new one where it was asked before. */
  | { kind: 'mailed'; subject: string }
  /** The account is there and its mail did not leave: the pool's mails of the day are used up, or it was not taken. */
  | { kind: 'unmailed'; subject: string }
  /** The account has a password of its own already: there is nothing to send. */
  | { kind: 'known'; subject: string }
  /** Cognito does not take the address. */
  | { kind: 'refused' }
  /** Accounts are made elsewhere: the issuer is not this stack's. */
  | { kind: 'elsewhere' };

/** Accounts of those who sign in. Every function may throw {@link StoreUnavailable}. */
export interface UserPool {
  /** Makes an account for an address, or sends the mail of one that nobody has signed in to again. */
  invite: (email: string) => Promise<AccountInvitation>;
  /** Ends an account, also one that is gone: it cannot sign in, and its sessions are not renewed. */
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

/** Accounts in the stack's own user pool, made by administrators only. */
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
      // Who signs in with the password of the mail has the address; without it no forgotten password could be replaced.
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

  /** What an error of creating means; mails of a pool's own sender are 50 a day, and the account is there without. */
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
  if (subject === undefined) throw new StoreUnavailable('Cognito named an account without its sub');
  return subject;
}

/** Cognito's messages hold the address, so only their names are kept. */
function refused(operation: string, error: unknown): StoreUnavailable {
  return new StoreUnavailable(`Cognito refused ${operation}: ${error instanceof Error ? error.name : 'no answer'}`);
}
