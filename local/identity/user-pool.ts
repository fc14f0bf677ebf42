import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AwsJsonError } from '../athena/errors.ts';
import type { JsonService } from '../aws/json-services.ts';
import type { Outbox } from '../aws/outbox.ts';
import type { UserPoolModel } from '../template/model.ts';

const accountSchema = z.object({
  subject: z.string(),
  email: z.string(),
  status: z.enum(['FORCE_CHANGE_PASSWORD', 'CONFIRMED']),
  /** When the last invitation was sent, in milliseconds since the epoch. */
  invitedAt: z.number(),
});
/** An invited user. */
export type Account = z.infer<typeof accountSchema>;

/** The accounts of the stack's user pool: created with Cognito's API, shown on the sign-in page. */
export interface UserPoolAccounts {
  list: () => readonly Account[];
  find: (subject: string) => Account | undefined;
  /** Returns whether the account is confirmed or its temporary password is still valid. */
  mayEnter: (account: Account) => boolean;
  /** Marks the account as confirmed, as after the first sign-in. */
  confirm: (subject: string) => void;
  service: JsonService;
}

export interface UserPoolOptions {
  /** The user pool of the template; undefined with an external issuer. */
  model: UserPoolModel | undefined;
  file: string;
  outbox: Outbox;
  now: () => number;
}

/** Implements the parts of Cognito user pools that invitations need. */
export function createUserPoolAccounts(options: UserPoolOptions): UserPoolAccounts {
  const { model, file, now } = options;
  let accounts = read(file);

  function keep(next: Account[]): void {
    accounts = next;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(accounts, null, 2), { mode: 0o600 });
  }
  /** Finds an account by its user name: the email address, case-insensitive, or the `sub`. */
  function named(name: string): Account | undefined {
    return accounts.find(({ subject, email }) => subject === name || email === name.toLowerCase());
  }
  function known(name: string): Account {
    const account = named(name);
    if (account) return account;
    throw new AwsJsonError('UserNotFoundException', 'User does not exist.');
  }
  function poolOf(id: string): UserPoolModel {
    if (model && id === model.id) return model;
    throw new AwsJsonError('ResourceNotFoundException', `User pool ${id} does not exist.`);
  }

  function create(input: unknown): unknown {
    const { UserPoolId, Username, MessageAction } = createInput.parse(input);
    const pool = poolOf(UserPoolId);
    const again = MessageAction === 'RESEND';
    if (named(Username) && !again) throw new AwsJsonError('UsernameExistsException', 'User account already exists');
    const present = again ? known(Username) : undefined;
    if (present?.status === 'CONFIRMED')
      throw new AwsJsonError('UnsupportedUserStateException', 'Resend not possible. CONFIRMED status is not correct.');
    const account: Account = {
      subject: present?.subject ?? randomUUID(),
      email: Username.toLowerCase(),
      status: 'FORCE_CHANGE_PASSWORD',
      invitedAt: now(),
    };
    keep([...accounts.filter(({ subject }) => subject !== account.subject), account]);
    if (MessageAction !== 'SUPPRESS') mailInvitation(pool, account, options);
    return { User: { Username: account.subject, Attributes: attributesOf(account), UserStatus: account.status } };
  }

  const operations: Readonly<Record<string, (input: unknown) => unknown>> = {
    AdminCreateUser: create,
    AdminGetUser: (input) => {
      const { UserPoolId, Username } = nameInput.parse(input);
      poolOf(UserPoolId);
      const account = known(Username);
      return { Username: account.subject, UserAttributes: attributesOf(account), UserStatus: account.status };
    },
    AdminDeleteUser: (input) => {
      const { UserPoolId, Username } = nameInput.parse(input);
      poolOf(UserPoolId);
      const account = known(Username);
      keep(accounts.filter(({ subject }) => subject !== account.subject));
      return {};
    },
  };

  return {
    list: () => accounts,
    find: (subject) => accounts.find((each) => each.subject === subject),
    mayEnter: ({ status, invitedAt }) =>
      status === 'CONFIRMED' || now() - invitedAt < (model?.temporaryPasswordDays ?? 0) * day,
    confirm: (subject) =>
      keep(accounts.map((each) => (each.subject === subject ? { ...each, status: 'CONFIRMED' } : each))),
    service: async (operation, input) => {
      const answer = operations[operation];
      if (answer) return answer(input);
      throw new AwsJsonError('UnknownOperationException', `Cognito.${operation} is not supported by the local stack`);
    },
  };
}

const createInput = z.object({
  UserPoolId: z.string(),
  Username: z.email(),
  MessageAction: z.enum(['RESEND', 'SUPPRESS']).optional(),
});

const nameInput = z.object({ UserPoolId: z.string(), Username: z.string() });

const day = 86_400_000;

function read(file: string): Account[] {
  return existsSync(file) ? z.array(accountSchema).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

function mailInvitation({ invitation }: UserPoolModel, account: Account, { outbox, now }: UserPoolOptions): void {
  function fill(text: string): string {
    return text.replaceAll('{username}', account.email).replaceAll('{####}', password());
  }
  outbox.add({
    id: randomUUID(),
    sentAt: now(),
    from: 'no-reply@verificationemail.com',
    to: [account.email],
    subject: invitation.subject,
    html: fill(invitation.body),
    text: null,
    headers: {},
  });
}

/** Generates a temporary password of twelve characters. The local sign-in never checks it. */
function password(): string {
  return Array.from({ length: 12 }, () => 'abcdefghjkmnpqrstuvwxyz23456789'[randomInt(31)]).join('');
}

function attributesOf({ subject, email }: Account) {
  return [
    { Name: 'sub', Value: subject },
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
  ];
}
