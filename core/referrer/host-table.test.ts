import { expect, it } from 'vitest';
import { createHostTable } from './host-table.ts';

const table = createHostTable([
  ['portal.*', 'portal'],
  ['=portal.*', 'search'],
  ['mail.portal.*', 'mail'],
  ['mail.portal.de', 'German mail'],
  ['portal.*/maps', 'maps'],
  ['portal.*/maps/ads', 'ads'],
  ['plain.com', 'first'],
  ['plain.com', 'last'],
]);

it.each([
  ['portal.com', '/', 'search'],
  ['portal.co.uk', '/', 'search'],
  ['news.portal.com.br', '/', 'portal'],
  ['mail.portal.fr', '/', 'mail'],
  ['eu.mail.portal.fr', '/', 'mail'],
  ['mail.portal.de', '/', 'German mail'],
  ['portal.at', '/maps', 'maps'],
  ['portal.at', '/maps/47,11', 'maps'],
  ['portal.at', '/maps/ads/7', 'ads'],
  ['portal.at', '/mapsearch', 'search'],
  ['a.b.plain.com', '/', 'last'],
  ['plain.de', '/', undefined],
  ['explain.com', '/', undefined],
  ['portal.example.com', '/', undefined],
  ['portal.museum', '/', undefined],
  ['portal', '/', undefined],
  ['com', '/', undefined],
  ['', '/', undefined],
])('%s%s is %s', (host, path, value) => {
  expect(table.find(host, path)).toBe(value);
});
