import { expect, it } from 'vitest';
import type { User } from '#schemas/catalog.ts';
import { choose } from './sign-in.ts';

function stand(mayEnter: boolean) {
  const account = {
    subject: 'sub-1',
    email: 'ada@example.org',
    status: 'FORCE_CHANGE_PASSWORD',
    invitedAt: 0,
  } as const;
  const stored: User[] = [];
  const confirmed: string[] = [];
  const deps = {
    catalog: { putUser: async (user: User) => void stored.push(user) },
    issuer: { mint: async () => 'token' },
    accounts: {
      find: (subject: string) => (subject === account.subject ? account : undefined),
      mayEnter: () => mayEnter,
      confirm: (subject: string) => void confirmed.push(subject),
    },
  };
  return { deps, stored, confirmed };
}

it('lets an account in that was invited, and leaves the catalog to its token', async () => {
  const { deps, stored, confirmed } = stand(true);
  expect(await choose('account', 'sub-1', deps)).toMatchObject({ subject: 'sub-1', email: 'ada@example.org' });
  expect(confirmed).toEqual(['sub-1']);
  expect(stored).toEqual([]);
});

it('refuses an account whose password has expired, or that was removed', async () => {
  const { deps, confirmed } = stand(false);
  await expect(choose('account', 'sub-1', deps)).rejects.toThrow('has expired. Invite them again.');
  await expect(choose('account', 'sub-2', deps)).rejects.toThrow('No invitation for the account "sub-2"');
  expect(confirmed).toEqual([]);
});

it('makes the catalog know a role', async () => {
  const { deps, stored } = stand(true);
  expect(await choose('creator', '@ada', deps)).toEqual({ subject: 'creator-ada', email: 'creator-ada@localhost' });
  expect(stored).toMatchObject([{ role: 'creator', pages: ['/ada'] }]);
});
