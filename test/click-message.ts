/**
 * A message of the click queue, for tests: a tap on the link `k3x9` of `/ada`, of which nothing else is known.
 * @param at when it happened and was received, milliseconds since the epoch
 * @param part fields with other values, valid or not
 */
export function clickMessage(at: number, part: object = {}) {
  return {
    version: 1,
    id: '1',
    type: 'link_click',
    occurredAt: at,
    receivedAt: at,
    page: '/ada',
    link: 'k3x9',
    destination: 'https://shop.example/',
    title: null,
    campaign: null,
    method: 'GET',
    outcome: null,
    rule: null,
    query: '',
    address: '203.0.113.7',
    port: 4711,
    country: null,
    asn: null,
    privacy: false,
    headers: {},
    session: null,
    consentedId: null,
    properties: null,
    replayed: false,
    ...part,
  };
}
