import { describe, expect, it } from 'vitest';
import { createSalt } from '#core/visitors/identity.ts';
import { hmacKey } from '#core/visitors/hmac.ts';
import { enrichEvent, unknownPage } from './enrich-event.ts';
import { readMessage } from './read-message.ts';
import { clickMessage } from '#test/click-message.ts';

const at = Date.UTC(2026, 10, 22, 7);
const salt = createSalt(hmacKey(new Uint8Array(32).fill(7)));

/** Returns the repeat key of a view of `/ada` by one visitor. */
function repeatKey(changes: object): bigint | null {
  const message = clickMessage(at, {
    type: 'page_view',
    link: null,
    destination: null,
    method: 'POST',
    headers: { userAgent: 'Mozilla/5.0' },
    properties: { url: 'https://ada.example/' },
    ...changes,
  });
  const read = readMessage({ messageId: 'm', body: JSON.stringify(message), sentAt: at });
  return enrichEvent(read, { geography: () => null, settingsOf: () => unknownPage, saltOf: () => salt }).row.repeat_key;
}

describe('the repeat key of a view', () => {
  it('is that of its whole address: path, query, and the fragment of hash routes', () => {
    const keys = [
      {},
      { query: 'p=1' },
      { query: 'p=2' },
      { properties: { url: 'https://ada.example/pricing' } },
      { properties: { url: 'https://ada.example/#/pricing' } },
    ].map(repeatKey);
    expect(new Set(keys).size).toBe(5);
    expect(repeatKey({ query: 'p=1' })).toBe(keys[1]);
  });

  it('is absent if the client gave the event an id', () => {
    expect(repeatKey({ ownId: true })).toBeNull();
    expect(repeatKey({ ownId: false })).not.toBeNull();
  });
});

it('the repeat key of a click is that of its link, whatever its query', () => {
  const click = { type: 'link_click', link: 'k3x9', properties: null };
  expect(repeatKey({ ...click, query: 'utm_source=a' })).toBe(repeatKey(click));
});
