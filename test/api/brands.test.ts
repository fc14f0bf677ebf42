import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brandLimits } from '#schemas/catalog-rules.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const none = { name: null, logo: null, accent: null, poweredBy: true };
const brand = { name: 'Nord & Söhne', logo: 'data:image/png;base64,iVBORw0KGgo=', accent: '#1f6a70', poweredBy: false };

async function put(body: object, as = 'nora') {
  const response = await world.ask(as, 'agencies/north/brand', { method: 'put', body });
  return { status: response.status, body: await response.json() };
}

async function readShare(page: string, as: string) {
  const expiresAt = new Date(world.deps.now() + 3_600_000).toISOString();
  const created = await world.ask(as, 'shares', { method: 'post', body: { page, expiresAt } });
  const { token } = await created.json();
  return (await world.ask(`Share ${token}`, 'shares/current')).json();
}

describe('the white label of an agency', () => {
  it('is Hopcount’s until it has one of its own', async () => {
    expect(await (await world.ask('nora', 'agencies/north/brand')).json()).toEqual(none);
    expect((await readShare('/ada', 'ada')).brand).toBeNull();
  });

  it('is on the shares of its pages, and on no others', async () => {
    expect(await put({ ...brand, accent: '#1F6A70' })).toEqual({ status: 200, body: brand });
    expect((await readShare('/ada', 'ada')).brand).toEqual(brand);
    expect((await readShare('/zoe', 'root')).brand).toBeNull();
  });

  it('is changed by its users and by admins only', async () => {
    for (const as of ['ada', 'sam', 'bob', 'eve']) expect((await put(brand, as)).status).toBeGreaterThanOrEqual(403);
    expect((await put(brand, 'root')).status).toBe(200);
  });

  it.each([
    ['logo', 'data:image/svg+xml;base64,PHN2Zy8+'],
    ['logo', 'https://evil.example/pixel.png'],
    ['logo', 'data:image/png;base64,"><script>'],
    ['logo', 'data:text/html;base64,PHA+'],
    ['accent', 'red;background:url(https://evil.example)'],
    ['accent', '#12345'],
    ['name', 'a\r\nBcc: b@example.org'],
    ['name', '   '],
    ['name', 'n'.repeat(brandLimits.name + 1)],
    ['logo', `data:image/png;base64,${'A'.repeat(brandLimits.logo)}`],
    ['poweredBy', 'no'],
    ['style', 'x'],
  ])('has no %s such as %.40s', async (field, value) => {
    expect(await put({ ...brand, [field]: value })).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(await (await world.ask('nora', 'agencies/north/brand')).json()).toEqual(brand);
  });

  it('holds a name and a logo of the greatest length, and HTML as text', async () => {
    const prefix = 'data:image/png;base64,';
    const logo = prefix + 'A'.repeat(brandLimits.logo - prefix.length);
    const largest = { ...brand, logo, name: '<b>'.repeat(20) };
    expect(await put(largest)).toEqual({ status: 200, body: largest });
    expect((await readShare('/ada', 'ada')).brand).toEqual(largest);
  });
});
