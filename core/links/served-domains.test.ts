import { describe, expect, it } from 'vitest';
import { createServedDomains } from './served-domains.ts';

const find = createServedDomains({
  main: 'go.example',
  domains: [
    { name: 'go.acme.example', agency: 'acme', page: '/ada', serves: 'own' },
    { name: 'old.example', agency: null, page: null, serves: 'all' },
  ],
});

function ask(host: string | undefined, domains = find) {
  const headers = host === undefined ? {} : { 'x-client-hints': `host=${encodeURIComponent(host)}&sec-ch-ua=x` };
  return domains({ method: 'GET', path: '/', query: '', at: 0, headers, replayed: false });
}

describe('a link that names', () => {
  it.each([
    ['go.example', [true, false, false, true]],
    ['d1.cloudfront.net', [true, false, false, true]],
    [undefined, [true, false, false, true]],
    ['go.acme.example', [false, true, false, false]],
    ['GO.ACME.example.:8787', [false, true, false, false]],
    ['old.example', [true, false, true, true]],
    ['xgo.acme.example', [true, false, false, true]],
  ])('nothing, acme, old, or a domain that is gone, answers at %s: %s', (host, answers) => {
    const names = [null, 'go.acme.example', 'old.example', 'gone.example'];
    expect(names.map(ask(host).answersLink)).toEqual(answers);
  });
});

it('a link page keeps its address at the domain of the stack, and is not shown at a foreign one', () => {
  expect(ask('go.example').showsPage('go.acme.example')).toBe(true);
  expect(ask('go.acme.example').showsPage('go.acme.example')).toBe(true);
  expect(ask('go.acme.example').showsPage(null)).toBe(false);
  expect(ask('go.acme.example').showsPage('old.example')).toBe(false);
});

it('leads from one domain to another with the port of the address', () => {
  expect(ask('go.acme.example:8787').prefixTo('go.acme.example')).toBe('');
  expect(ask('go.acme.example:8787').prefixTo(null)).toBe('//go.example:8787');
  expect(ask('go.example').prefixTo('go.acme.example')).toBe('//go.acme.example');
  expect(ask('go.example').prefixTo('gone.example')).toBe('');
});

it('a stack without other domains answers everything everywhere', () => {
  const alone = ask('any.example', createServedDomains({ domains: [], main: 'go.example' }));
  expect([alone.answersLink('go.acme.example'), alone.showsPage(null), alone.prefixTo('x')]).toEqual([true, true, '']);
});
