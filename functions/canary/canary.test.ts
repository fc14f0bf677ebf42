import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Link, Page } from '#schemas/catalog.ts';
import { rereadPath } from '#functions/redirect/misread-path.ts';
import { canaryUserAgent, createCanary } from './canary.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const quarterHour = Date.parse('2026-11-22T07:15:30Z');
const minuteAfter = quarterHour + 60_000;

async function setUp(
  answer: { status?: number; location?: string } | 'silence',
  { deadline = 5_000, at = minuteAfter } = {},
) {
  const agents: (string | undefined)[] = [];
  const started = createServer((request, response) => {
    agents.push(`${request.url} ${request.headers['user-agent']}`);
    if (answer === 'silence') return;
    const { status = 302, location = 'https://example.com/canary' } = answer;
    response.writeHead(status, { location }).end('x');
  }).listen(0, '127.0.0.1');
  server = started;
  await once(started, 'listening');
  const address = started.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const pages = new Map<string, Page>();
  const links = new Map<string, Link>();
  const lines: Record<string, unknown>[] = [];
  const canary = createCanary({
    publicUrl: `http://127.0.0.1:${port}`,
    fetch,
    catalog: {
      getPage: async (path) => pages.get(path),
      getLink: async (code) => links.get(code),
      putPage: async (page) => void pages.set(page.path, page),
      putLink: async (link) => {
        links.set(link.code, link);
        return true;
      },
    },
    now: () => at,
    writeLine: (line) => void lines.push(JSON.parse(line)),
    deadline,
  });
  return { canary, pages, links, lines, agents };
}

describe('canary', () => {
  it('creates its page and link, clicks, and reports success', async () => {
    const { canary, pages, links, lines, agents } = await setUp({});
    expect(await canary()).toEqual({ success: true, milliseconds: 0 });
    expect(await canary()).toMatchObject({ success: true });
    expect([...pages.keys(), ...links.keys()]).toEqual(['/_canary', '_canary']);
    expect(agents).toEqual(Array(2).fill(`/_canary?q=a%20b+c(d)!*%27%22%C3%BC ${canaryUserAgent}`));
    const succeeded = { message: 'canary.succeeded', milliseconds: 0 };
    expect(lines).toEqual([succeeded, succeeded]);
  });

  it('clicks every quarter of an hour with a path that is hard to sign, and which redirect reads as its link', async () => {
    const { canary, agents } = await setUp({}, { at: quarterHour });
    expect(await canary()).toMatchObject({ success: true });
    const [path = ''] = agents[0]?.split('?') ?? [];
    expect(path).toBe("/('_canary')+@");
    expect(rereadPath(path, { ignoreCase: false }).meant).toContainEqual({ kind: 'link', code: '_canary' });
  });

  it.each([
    [{ status: 404 }, 'status 404 instead of 302'],
    [{ location: 'https://evil.example/' }, 'location https://evil.example/ instead of https://example.com/canary'],
  ])('fails on %j', async (answer, problem) => {
    const { canary, lines } = await setUp(answer);
    expect(await canary()).toMatchObject({ success: false, problem });
    expect(lines).toMatchObject([{ CanaryFailed: 1 }, { message: 'canary.failed', problem }]);
  });

  it('fails at its deadline', async () => {
    const { canary } = await setUp('silence', { deadline: 50 });
    expect(await canary()).toMatchObject({ success: false, problem: expect.stringContaining('TimeoutError') });
  });
});
