/**
 * Measures what the behavior rules of settle catch and miss: `npm run bench -- behavior <access log> …`. Each path is a
 * link of one page, as in a replay; each line goes through enrich and settle on a separate lake. Generated people behind
 * carrier networks and in offices come first: a rule that excludes them is wrong. Robots by name are excluded before.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createPathLink } from '../cli/replay/path-link.ts';
import { table } from '../cli/table.ts';
import type { LoggedRequest } from '../core/access-log/log-format.ts';
import { ncsaFormat } from '../core/access-log/ncsa.ts';
import { type EdgeRequest, messageOf } from '../core/edge/edge-request.ts';
import { type EnrichContext, enrichEvent, unknownPage } from '../core/enrich/enrich-event.ts';
import { readMessage } from '../core/enrich/read-message.ts';
import { decideRequest } from '../core/links/decide.ts';
import { hmacKey } from '../core/visitors/hmac.ts';
import { createSalt } from '../core/visitors/identity.ts';
import { settle } from '../jobs/settle/settle.ts';
import type { ClickMessage } from '../schemas/click-message.ts';
import { edgeHeaders } from '../schemas/edge-headers.ts';
import type { EventRow } from '../schemas/event.ts';
import { createWorld, startServers, type World } from '../test/lake/settle-world.ts';
import { carrierPeople, officePeople, sandboxes, type Tap } from './behavior/people.ts';

const page = '/bench';
const day = 86_400_000;
const behaviors = ['behavior.refused-methods', 'behavior.too-fast', 'behavior.walks-links'];

/** Extensions of the parts of a web page. */
const parts = /\.(?:css|js|png|jpe?g|gif|ico|svg|woff2?|ttf)$/i;

const salt = createSalt(hmacKey(randomBytes(32)));
const context: EnrichContext = {
  geography: () => null,
  settingsOf: () => ({ ...unknownPage, ownHosts: new Set(['go.example']) }),
  saltOf: () => salt,
};

const evening = Date.UTC(2026, 10, 22, 17);
const sources: [name: string, read: () => Traffic][] = [
  ['people behind carriers', () => ({ messages: carrierPeople(page, evening).map(tapMessage), people: () => true })],
  ['people in offices', () => ({ messages: officePeople(evening).map(tapMessage), people: () => true })],
  ['mail sandboxes', () => ({ messages: sandboxes(evening).map(tapMessage), people: () => false })],
  ...process.argv.slice(2).map((log): [string, () => Traffic] => [basename(log), () => readTraffic(log)]),
];

const servers = await startServers();
const lines: string[][] = [];
for (const [name, read] of sources) lines.push(await measure(name, read()));
await servers.stop();

console.log(
  'GET requests with a browser’s name, by what settle decides (generated people, and those of a real log who load parts of pages: must ≤ 0.3 %)',
);
console.log(
  table(['', 'lines', 'robots by name', 'browsers', ...behaviors, 'caught', 'load parts', 'caught of them'], lines),
);

interface Traffic {
  messages: ClickMessage[];
  /** Whether the visitor of an event is known to be a person. */
  people: (visitor: bigint | null) => boolean;
}

async function measure(name: string, { messages, people }: Traffic): Promise<string[]> {
  const world = await createWorld(servers, ['UTC']);
  const rows = messages.map((message, at) => rowOf({ ...message, id: String(at + 1) }));
  await world.write(rows);
  await settle(world.deps, { time: Math.max(...rows.map(({ occurred_at }) => occurred_at)) + day });
  const caught = await readCaught(world, rows);
  const browsers = rows.filter(({ outcome }) => outcome === 'counted');
  const known = browsers.filter(({ visitor_id }) => people(visitor_id));
  const lost = known.filter(({ event_id }) => caught.has(event_id));
  const robots = rows.filter(({ outcome }) => outcome === 'bot' || outcome === 'preview');
  const byRule = behaviors.map((behavior) => [...caught.values()].filter((rule) => rule === behavior));
  return [
    name,
    ...[rows, robots, browsers, ...byRule].map(({ length }) => String(length)),
    percent(caught.size, browsers.length),
    String(known.length),
    percent(lost.length, known.length),
  ];
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;
}

/** Returns the events that a behavior rule excluded, with the rule's name. */
async function readCaught(world: World, rows: readonly EventRow[]): Promise<Map<bigint, string>> {
  const dates = rows.map(({ occurred_at }) => new Date(occurred_at).toISOString().slice(0, 10)).toSorted();
  const { rows: caught } = await world.deps.athena.statement(
    `SELECT event_id, substr(split_part(outcome_rule, '|', 1), 8) FROM settled_events
     WHERE dt BETWEEN '${dates[0]}' AND '${dates.at(-1)}' AND outcome_rule LIKE 'settle.behavior.%'`,
  );
  return new Map(caught.map(([id, rule]) => [BigInt(String(id)), String(rule)]));
}

function rowOf(message: ClickMessage): EventRow {
  const body = JSON.stringify(message);
  return enrichEvent(readMessage({ messageId: message.id, body, sentAt: message.receivedAt }), context).row;
}

/**
 * In the log of a website, visitors who loaded a part of a page (a style, a script, a picture) with the page as referrer are
 * people. This does not hold for attack logs, because security scanners load parts, too.
 */
function readTraffic(log: string): Traffic {
  const requests = readFileSync(log, 'latin1')
    .split('\n')
    .map(ncsaFormat.open())
    .flatMap((parsed) => {
      return parsed.kind === 'request' ? [parsed.request] : [];
    });
  const messages = requests.map(loggedMessage);
  const visitors = new Set(
    messages.flatMap((message, at) => {
      const { path, referrer } = requests[at] ?? {};
      return referrer && parts.test(path ?? '') ? [rowOf(message).visitor_id] : [];
    }),
  );
  return { messages, people: (visitor) => visitors.has(visitor) };
}

function loggedMessage(request: LoggedRequest): ClickMessage {
  const { userAgent, referrer, method, address, time } = request;
  const facts: EdgeRequest = {
    method,
    path: request.path,
    query: request.query,
    at: time,
    headers: {
      ...(userAgent === undefined ? {} : { [edgeHeaders.userAgent]: userAgent ?? '' }),
      ...(referrer === undefined ? {} : { [edgeHeaders.referrer]: referrer ?? '' }),
      [edgeHeaders.viewerAddress]: address,
    },
    replayed: true,
  };
  const decision = decideRequest(facts);
  const head = method === 'HEAD' ? ({ outcome: 'head', rule: 'method.HEAD' } as const) : null;
  return {
    ...messageOf(facts, '1'),
    page,
    link: createPathLink(page, request.path, 'https://bench.example').code,
    destination: 'https://bench.example/',
    outcome: decision?.outcome ?? head?.outcome ?? null,
    rule: decision?.rule ?? head?.rule ?? null,
  };
}

function tapMessage({ userAgent, referrer, occurredAt, query, ...tap }: Tap): ClickMessage {
  const facts: EdgeRequest = { method: 'GET', path: '/', query, at: occurredAt, headers: {}, replayed: false };
  return {
    ...messageOf(facts, '1'),
    ...tap,
    page,
    destination: 'https://bench.example/',
    headers: { userAgent, referrer, accept: 'text/html', acceptLanguage: 'de' },
  };
}
