import { fc } from '#test/property.ts';
import { describe, expect, test } from 'vitest';
import { checkLink } from '#core/links/new-link.ts';
import { createPathLink } from './path-link.ts';

function link(path: string) {
  return createPathLink('/apache', path, 'https://example.com');
}

describe('the link of a path', () => {
  test('has a readable code, its title and its destination', () => {
    expect(link('/blog/tags/life%20hacks')).toEqual({
      code: expect.stringMatching(/^blog-tags-life-hacks-[0-9a-z]{10}$/),
      page: '/apache',
      url: 'https://example.com/blog/tags/life%20hacks',
      title: '/blog/tags/life hacks',
    });
  });

  test('is the same every time, and another on another page', () => {
    expect(link('/a')).toEqual(link('/a'));
    expect(createPathLink('/other', '/a', 'https://example.com').code).not.toBe(link('/a').code);
  });

  test('tells case, slashes and encodings apart', () => {
    const paths = ['/X11', '/x11', '/x11/', '//x11', '/%7811', '/x-11', '/'];
    expect(new Set(paths.map((path) => link(path).code)).size).toBe(paths.length);
  });

  test('the root, accents, and bytes that are no UTF-8', () => {
    expect(link('/').code).toMatch(/^home-/);
    expect(link('/caf%C3%A9').code).toMatch(/^cafe-/);
    expect(link('/%E4%FF')).toMatchObject({ title: '/%E4%FF', code: expect.stringMatching(/^E4-FF-/) });
  });

  test('any path gives a link that the catalog accepts', () => {
    const path = fc.string({ unit: fc.constantFrom(...'/aZ0-_.~%20:$&+,;=@'.split(''), 'é'), maxLength: 4000 });
    fc.assert(
      fc.property(path, (text) => {
        const encoded = `/${encodeURI(text)}`;
        expect(checkLink(link(encoded), { now: 0, ownHosts: ['go.example'], ignoreCase: false })).toMatchObject({
          kind: 'accepted',
        });
      }),
    );
  });
});
