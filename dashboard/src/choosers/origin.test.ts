import { expect, it } from 'vitest';
import { readOrigin } from './origin.ts';

it.each([
  ['ada.example', 'https://ada.example'],
  [' https://Ada.example/notes?x=1#y ', 'https://ada.example'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['bücher.example', 'https://xn--bcher-kva.example'],
  ['ada', undefined],
  ['', undefined],
  ['two words.example', undefined],
  ['ftp://ada.example', undefined],
  ['https://user@ada.example', undefined],
])('%s', (text, origin) => expect(readOrigin(text)).toBe(origin));
