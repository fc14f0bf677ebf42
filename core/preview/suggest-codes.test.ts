import { expect, it } from 'vitest';
import { suggestCodes } from './suggest-codes.ts';

it.each([
  ['Spring sale – up to 50% off | The shop', 'https://shop.example/', 'spring-sale'],
  ['The history of the analytical engine', 'https://a.example/', 'history-analytical'],
  ['Über uns: Straße & Œuvre', 'https://a.example/', 'uber-uns'],
  ["Ada's notes", 'https://a.example/', 'adas-notes'],
  ['Что нового', 'https://www.music.example/albums/new-songs.html?x=1', 'new-songs'],
  [null, 'https://music.example/', 'music'],
  [null, 'https://music.example/%E0%A4%A', 'e0-a4'],
  [null, 'mailto:ada@example.com', 'ada-example'],
  ['Home', 'https://www.shop.example/', 'home'],
  [
    'Donaudampfschifffahrtsgesellschaftskapitänsmütze',
    'https://a.example/',
    'donaudampfschifffahrtsgesellschaftskapit',
  ],
  ['', 'not a url', 'link-2'],
  // Reserved.
  ['App', 'https://a.example/login', 'a'],
])('%s %s: %s', (title, url, code) => {
  expect(suggestCodes(title, url)[0]).toBe(code);
});

it('has more codes for when the best are taken, none twice', () => {
  const codes = suggestCodes('Spring sale | Shop', 'https://shop.example/spring');
  expect(codes.slice(0, 5)).toEqual(['spring-sale', 'spring-sale-shop', 'spring', 'shop', 'spring-sale-2']);
  expect(codes).toHaveLength(new Set(codes).size);
});
