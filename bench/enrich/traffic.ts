import { readFileSync } from 'node:fs';
import { ncsaFormat } from '../../core/access-log/ncsa.ts';
import type { ClickMessage } from '../../schemas/click-message.ts';

interface Visit {
  address: string;
  path: string;
  query: string;
  method: string;
  referrer: string | null;
  userAgent: string | null;
}

export interface Traffic {
  visits: Visit[];
  source: string;
}

/** Reads the visits of an access log, or generates a mix without one. */
export function trafficOf(log: string | undefined): Traffic {
  return log
    ? { visits: visitsOfLog(log), source: 'an access log' }
    : { visits: generatedVisits(10_000), source: 'a generated mix (seed 1)' };
}

function visitsOfLog(path: string): Visit[] {
  return readFileSync(path, 'latin1')
    .split('\n')
    .map(ncsaFormat.open())
    .flatMap((parsed) => {
      if (parsed.kind !== 'request') return [];
      const { referrer = null, userAgent = null, ...request } = parsed.request;
      return [{ ...request, referrer, userAgent }];
    });
}

const systems = [
  'iPhone; CPU iPhone OS 18_# like Mac OS X',
  'Linux; Android 1#; SM-S92#B',
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_#',
];

const referrers = [
  null,
  'https://l.instagram.com/',
  'https://www.google.com/',
  'https://t.co/x',
  'https://blog.example/',
];

/** Generates 500 user agents, 2,000 addresses and 5 referrers, popular ones first. */
function generatedVisits(count: number): Visit[] {
  const random = createRandom(1);
  function popular(size: number): number {
    return Math.floor(size * random() ** 3);
  }
  function pick<T>(from: readonly T[], index: number): T | null {
    return from[index % from.length] ?? null;
  }
  return Array.from({ length: count }, () => {
    const agent = popular(500);
    const system = (pick(systems, agent) ?? '').replaceAll('#', String(agent % 9));
    const host = popular(2000);
    return {
      address: `${20 + (host % 180)}.${host % 250}.${(host * 7) % 250}.${1 + (host % 200)}`,
      path: `/l${popular(300)}`,
      query: random() < 0.2 ? 'utm_source=newsletter&utm_medium=email' : '',
      method: 'GET',
      referrer: pick(referrers, popular(referrers.length)),
      userAgent: `Mozilla/5.0 (${system}) AppleWebKit/605.1.15 (KHTML, like Gecko) Chrome/${100 + (agent % 40)}.0.0.${agent} Safari/537.36`,
    };
  });
}

/** Creates a seeded generator of numbers in [0, 1): mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Builds the JSON text of one SQS batch. Times are 37 ms apart. */
export function sqsEventText(visits: readonly Visit[], startAt: number, random: () => number): string {
  function word(): bigint {
    return BigInt(Math.floor(random() * 2 ** 32));
  }
  const records = visits.map((visit, index) => {
    const at = startAt + index * 37;
    const message: ClickMessage = {
      version: 1,
      id: BigInt.asIntN(64, (word() << 32n) | word()).toString(),
      type: 'link_click',
      occurredAt: at,
      receivedAt: at,
      page: '/bench',
      link: visit.path.slice(1, 65) || 'index',
      destination: `https://bench.example${visit.path}`,
      title: null,
      campaign: null,
      method: visit.method,
      outcome: visit.method === 'HEAD' ? 'head' : null,
      rule: visit.method === 'HEAD' ? 'method.HEAD' : null,
      query: visit.query,
      address: visit.address,
      port: 1024 + Math.floor(random() * 60_000),
      country: null,
      asn: null,
      privacy: false,
      headers: {
        userAgent: visit.userAgent,
        referrer: visit.referrer,
        accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
        acceptLanguage: 'en-US,en;q=0.9',
      },
      session: null,
      consentedId: null,
      properties: null,
      replayed: false,
    };
    return {
      messageId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      receiptHandle: 'AQEB'.repeat(40),
      body: JSON.stringify(message),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(at + 20),
        SenderId: 'AROA0000000000000EXAMPLE:redirect',
        ApproximateFirstReceiveTimestamp: String(at + 5000),
      },
      messageAttributes: {},
      md5OfBody: '0'.repeat(32),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:clicks',
      awsRegion: 'us-east-1',
    };
  });
  return JSON.stringify({ Records: records });
}
