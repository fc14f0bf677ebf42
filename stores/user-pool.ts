import { z } from 'zod';
import { StoreUnavailable } from './errors.ts';
import { type Credentials, signPost } from './sign-request.ts';

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
  /** Id of the pool (`eu-central-1_Ab12`), or {@link noUserPool}. */
  pool: string;
  /** What signs the requests: the configuration of any client of the SDK. */
  config: { region: () => Promise<string>; credentials: () => Promise<Credentials> };
  /** @default - the service's own, in the region */
  endpoint?: string | undefined;
  now: () => number;
}

const elsewhere: UserPool = { invite: async () => ({ kind: 'elsewhere' }), remove: async () => undefined };

const answersWithin = 5_000;
const attributes = z.array(z.object({ Name: z.string(), Value: z.string().default('') }));
const createdSchema = z.object({ User: z.object({ Attributes: attributes }) });
const foundSchema = z.object({ UserAttributes: attributes, UserStatus: z.string() });
const errorSchema = z.object({ __type: z.string() });

type Answer = { kind: 'done'; body: unknown } | { kind: 'failed'; name: string };

/** `UsernameExistsException` of `com.amazonaws.cognito.identity.idp.model#UsernameExistsException`. */
const errorName = (body: unknown): string => errorSchema.safeParse(body).data?.__type.split('#').at(-1) ?? 'unknown';

/**
 * Calls Cognito's user pools. Requests are signed here: three calls of the service are needed, and its client is
 * not among the project's packages.
 */
const createCall =
  ({ config, endpoint, now }: UserPoolOptions) =>
  async (operation: string, input: object): Promise<Answer> => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    };
    const body = JSON.stringify(input);
    try {
      const [region, credentials] = await Promise.all([config.region(), config.credentials()]);
      const url = new URL(endpoint ?? `https://cognito-idp.${region}.amazonaws.com/`);
      const signed = signPost({ url, headers, body }, credentials, { region, service: 'cognito-idp', now: now() });
      const answer = await fetch(url, {
        method: 'POST',
        headers: signed,
        body,
        signal: AbortSignal.timeout(answersWithin),
      });
      const text: unknown = await answer.json();
      return answer.ok ? { kind: 'done', body: text } : { kind: 'failed', name: errorName(text) };
    } catch (cause) {
      throw new StoreUnavailable(`Cognito did not answer ${operation}`, { cause });
    }
  };

/** Cognito's messages hold the address, so only their names are kept. */
const refusal = (operation: string, name: string): StoreUnavailable =>
  new StoreUnavailable(`Cognito refused ${operation}: ${name}`);

const subjectOf = (found: z.infer<typeof attributes>): string => {
  const subject = found.find(({ Name }) => Name === 'sub')?.Value;
  if (subject === undefined) throw new StoreUnavailable('Cognito named an account without its sub');
  return subject;
};

/** Mails of a pool's own sender are 50 a day; the account is there whether they leave or not. */
const undelivered: ReadonlySet<string> = new Set(['LimitExceededException', 'CodeDeliveryFailureException']);

/** Accounts in the stack's own user pool, made by administrators only. */
export const createUserPool = (options: UserPoolOptions): UserPool => {
  const { pool } = options;
  if (pool === noUserPool) return elsewhere;
  const call = createCall(options);

  const find = async (email: string): Promise<z.infer<typeof foundSchema> | undefined> => {
    const answer = await call('AdminGetUser', { UserPoolId: pool, Username: email });
    if (answer.kind === 'done') return foundSchema.parse(answer.body);
    if (answer.name === 'UserNotFoundException') return undefined;
    throw refusal('AdminGetUser', answer.name);
  };

  const create = (email: string, again: boolean): Promise<Answer> =>
    call('AdminCreateUser', {
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

  const judge = async (email: string, answer: Answer): Promise<AccountInvitation> => {
    if (answer.kind === 'done')
      return { kind: 'mailed', subject: subjectOf(createdSchema.parse(answer.body).User.Attributes) };
    if (answer.name === 'InvalidParameterException') return { kind: 'refused' };
    const account = undelivered.has(answer.name) ? await find(email) : undefined;
    if (account === undefined) throw refusal('AdminCreateUser', answer.name);
    return { kind: 'unmailed', subject: subjectOf(account.UserAttributes) };
  };

  return {
    invite: async (email) => {
      const answer = await create(email, false);
      if (answer.kind === 'done' || answer.name !== 'UsernameExistsException') return judge(email, answer);
      const account = await find(email);
      if (account === undefined) throw refusal('AdminCreateUser', answer.name);
      return account.UserStatus === 'FORCE_CHANGE_PASSWORD'
        ? judge(email, await create(email, true))
        : { kind: 'known', subject: subjectOf(account.UserAttributes) };
    },
    remove: async (subject) => {
      const answer = await call('AdminDeleteUser', { UserPoolId: pool, Username: subject });
      if (answer.kind === 'failed' && answer.name !== 'UserNotFoundException')
        throw refusal('AdminDeleteUser', answer.name);
    },
  };
};
