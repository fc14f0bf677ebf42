/**
 * Measures capture on one core: from the bytes of recorded bodies of SDKs, by decoding and mapping, to the messages that
 * enrich reads. The opponent only decompresses the same bodies and parses their JSON, which is the floor.
 */
import { gunzipSync } from 'node:zlib';
import { readRequest } from '../core/capture/adapters.ts';
import { decodeBody } from '../core/capture/decode-body.ts';
import type { EdgeRequest } from '../core/edge/edge-request.ts';
import { plainPage } from '../core/links/link.fixture.ts';
import { table } from '../cli/table.ts';
import { capturedMessage } from '../functions/collect/captured-message.ts';
import { toSdkRequest } from '../functions/collect/sdk-request.ts';
import { bodyOf, readRecording, recordingNames } from '../test/capture/recording.ts';

const rounds = 11;
/** Of each round. */
const eventsAtLeast = 2_000;

const at = Date.parse('2026-11-28T14:00:00Z');

console.log(`Events per second of CPU time on one core; medians of ${rounds} rounds (limit ≥ 20,000)`);
console.log(
  table(['recording', 'events', 'bytes', 'events/s', 'decompress and parse', 'ratio'], recordingNames.flatMap(measure)),
);

/** Returns no row of a recording without bodies. */
function measure(name: string): string[][] {
  const requests = readRecording(name).requests.filter(({ encoding }) => encoding !== undefined);
  const sent = requests.map((request) => ({ ...request, raw: bodyOf(request) }));
  const once = sent.reduce((sum, { path, method, raw }) => sum + capture(path, method, raw), 0);
  if (once === 0) return [];
  const repeats = Math.ceil(eventsAtLeast / once);
  const read = sent.filter(isRead);
  const ours: number[] = [];
  const opponent: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(cpuSeconds(repeats, () => sent.forEach(({ path, method, raw }) => capture(path, method, raw))));
    opponent.push(cpuSeconds(repeats, () => read.forEach(({ raw }) => parse(raw))));
  }
  const events = once * repeats;
  const [own, parsing] = [events / median(ours), events / median(opponent)];
  const bytes = sent.reduce((sum, { raw }) => sum + raw.length, 0) / once;
  return [[name, whole(once), whole(bytes), whole(own), whole(parsing), (own / parsing).toFixed(2)]];
}

/** Returns the number of events. */
function capture(path: string, method: string, raw: Buffer): number {
  const request = requestOf(method);
  const found = readRequest(toSdkRequest(request, path, () => decode(raw)));
  let events = 0;
  for (const event of found?.call.events ?? []) {
    if (event.kind !== 'event') continue;
    JSON.stringify(capturedMessage(event, { page: plainPage, request, id: '1', occurredAt: at, server: false }));
    events += 1;
  }
  return events;
}

function requestOf(method: string): EdgeRequest {
  return { method, path: '/e/ada/', query: '', at, headers: {}, replayed: false };
}

/** Flags and session recordings are answered without a look at their bodies. */
function isRead({ path, method, raw }: { path: string; method: string; raw: Buffer }): boolean {
  let read = false;
  readRequest(
    toSdkRequest(requestOf(method), path, () => {
      read = true;
      return decode(raw);
    }),
  );
  return read;
}

function decode(raw: Buffer): unknown {
  const decoded = decodeBody(raw);
  if (decoded.kind !== 'json') throw new Error(`A recorded body is ${decoded.kind}.`);
  return decoded.json;
}

function parse(raw: Buffer): void {
  const text = (raw[0] === 0x1f ? gunzipSync(raw) : raw).toString('utf8');
  if (text.startsWith('data='))
    JSON.parse(Buffer.from(new URLSearchParams(text).get('data') ?? '', 'base64').toString('utf8'));
  else JSON.parse(text);
}

function cpuSeconds(repeats: number, work: () => void): number {
  const start = process.cpuUsage();
  for (let repeat = 0; repeat < repeats; repeat += 1) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
