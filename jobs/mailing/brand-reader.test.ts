import { expect, it } from 'vitest';
import { readToken } from '#core/alerts/mail-token.ts';
import { plainPage } from '#core/links/link.fixture.ts';
import { logoBox } from '#core/mails/mail-brand.ts';
import type { AgencyBrand } from '#schemas/catalog.ts';
import { agencyMail, digestMail, dropMail } from '#test/alerts/mail-contents.ts';
import { createBrandReader } from './brand-reader.ts';

const secret = 'a secret of the test';
const publicUrl = 'https://go.example';
const logo =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGMQ0bABIgYUCgAcrQLRilA+/wAAAABJRU5ErkJggg==';

/** The same picture, which says that it has this size. */
function sizedLogo(width: number, height: number): string {
  const bytes = Buffer.from(logo.slice(logo.indexOf(',') + 1), 'base64');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return `data:image/png;base64,${bytes.toString('base64')}`;
}

function start(brand: Partial<AgencyBrand> = {}) {
  const calls: string[] = [];
  let failing = false;
  const read = createBrandReader({
    getPage: async (path) => {
      calls.push(path);
      return { ...plainPage, path, agency: path === '/alone' ? null : 'North & Co' };
    },
    getBrand: async (agency) => {
      calls.push(agency);
      if (failing) throw new Error('the table is down');
      return { name: 'North', logo, accent: null, poweredBy: true, ...brand };
    },
    secret: async () => secret,
    publicUrl,
  });
  return { read, calls, fail: (value: boolean) => (failing = value) };
}

it('reads a page and an agency once for all mails of a run', async () => {
  const { read, calls } = start();
  const mails = [dropMail('Ada'), digestMail('Ada'), agencyMail('Ada')];
  const brands = await Promise.all([...mails, ...mails].map(read));
  expect(new Set(brands.map((brand) => brand?.name))).toEqual(new Set(['North']));
  expect(calls.toSorted()).toEqual(['/ada', 'North & Co']);
});

it('reads again what it could not read, and knows pages without an agency', async () => {
  const { read, calls, fail } = start();
  fail(true);
  await expect(read(agencyMail('Ada'))).rejects.toThrow('the table is down');
  fail(false);
  expect(await read(agencyMail('Ada'))).toMatchObject({ name: 'North' });
  const alone = { ...digestMail('Ada'), page: '/alone' };
  expect(await read(alone)).toBeUndefined();
  expect(await read(alone)).toBeUndefined();
  expect(calls).toEqual(['North & Co', 'North & Co', '/alone']);
});

it('has an address of the logo that names no reader, and that another logo does not have', async () => {
  const brand = await start().read(agencyMail('Ada'));
  const url = new URL(brand?.logo?.url ?? '');
  expect(url.origin + url.pathname).toBe(`${publicUrl}/api/mail/logo`);
  expect(readToken(url.searchParams.get('token') ?? '', secret)).toEqual({ does: 'logo', agency: 'North & Co' });
  expect((await start().read(digestMail('Ada')))?.logo?.url).toBe(brand?.logo?.url);
  const other = await start({ logo: sizedLogo(3, 3) }).read(agencyMail('Ada'));
  expect(other?.logo?.url).not.toBe(brand?.logo?.url);
});

it.each([
  [320, 80, logoBox.width, logoBox.height],
  [80, 80, 40, 40],
  [2000, 1, 160, 1],
  [100, 20, 100, 20],
])('shows a logo of %i × %i pixels as %i × %i', async (width, height, shownWidth, shownHeight) => {
  const sized = await start({ logo: sizedLogo(width, height) }).read(agencyMail('Ada'));
  expect(sized?.logo).toMatchObject({ width: shownWidth, height: shownHeight });
});

it('sends no picture to an address that has not confirmed', async () => {
  const brand = await start().read({ kind: 'confirmation', page: '/ada', expires: 0 });
  expect(brand).toMatchObject({ name: 'North', logo: null });
});

it('has no logo where none is stored, or none that can be shown', async () => {
  for (const stored of [null, 'data:image/png;base64,PHN2Zz4='])
    expect(await start({ logo: stored }).read(agencyMail('Ada'))).toMatchObject({ name: 'North', logo: null });
});
