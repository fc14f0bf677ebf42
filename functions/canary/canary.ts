import { metricLines } from '#core/edge/metric-line.ts';
import { type Link, linkSchema, type Page, pageSchema } from '#schemas/catalog.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';

/** Enrich sees a bot in it, so the canary's clicks are never counted as people. */
export const canaryUserAgent = 'hopcount-canary/1 (bot)';
const canaryPage = `/${canaryCode}`;

export interface CanaryDeps {
  /** `https://go.example`. */
  publicUrl: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  catalog: {
    putPage: (page: Page) => Promise<void>;
    putLink: (link: Link) => Promise<boolean>;
    getPage: (path: string) => Promise<Page | undefined>;
    getLink: (code: string) => Promise<Link | undefined>;
  };
  now: () => number;
  writeLine: (line: string) => void;
  /** Milliseconds within which the redirect must answer. */
  deadline?: number;
}

export interface CanaryResult {
  success: boolean;
  milliseconds: number;
  /** What was wrong, where it failed. */
  problem?: string;
}

/**
 * Clicks a link of its own through the public edge and logs the time it took. A failure is a result, not an error: the
 * alarm reads the metric `CanaryFailed`.
 */
export function createCanary({ publicUrl, fetch, catalog, now, writeLine, deadline = 5_000 }: CanaryDeps) {
  let prepared = false;

  /** Creates what is missing, once for each process. */
  async function prepare(): Promise<void> {
    if (prepared) return;
    const at = new Date(now()).toISOString();
    if ((await catalog.getPage(canaryPage)) === undefined) await catalog.putPage(pageOf(at));
    if ((await catalog.getLink(canaryCode)) === undefined) await catalog.putLink(linkOf(at));
    prepared = true;
  }

  async function request(path: string): Promise<string | undefined> {
    try {
      const response = await fetch(`${publicUrl}${path}`, {
        redirect: 'manual',
        headers: { 'user-agent': canaryUserAgent },
        signal: AbortSignal.timeout(deadline),
      });
      await response.body?.cancel();
      return problemOf(response);
    } catch (error) {
      return textOf(error);
    }
  }

  /** A catalog that fails here does not fail the canary: the click itself tells. */
  function tryPrepare(): Promise<void> {
    return prepare().catch((error: unknown) =>
      writeLine(JSON.stringify({ message: 'canary.unprepared', problem: textOf(error) })),
    );
  }

  return async (): Promise<CanaryResult> => {
    await tryPrepare();
    const start = now();
    const path = pathAt(start);
    const problem = await request(path);
    const milliseconds = now() - start;
    if (problem === undefined) {
      writeLine(JSON.stringify({ message: 'canary.succeeded', milliseconds }));
      return { success: true, milliseconds };
    }
    for (const line of metricLines(start, { CanaryFailed: 1 })) writeLine(line);
    writeLine(JSON.stringify({ message: 'canary.failed', path, problem, milliseconds }));
    return { success: false, milliseconds, problem };
  };
}

/**
 * Characters that a signature may encode otherwise than the service that checks it: CloudFront signs each request to
 * redirect. They are in the query of every click, and in the path of one click every 15 minutes, because paths have them rarely.
 */
const oddQuery = '?q=a%20b+c(d)!*%27%22%C3%BC';
const oddPath = `/('${canaryCode}')+@`;

/** @param at milliseconds since the epoch */
function pathAt(at: number): string {
  const isOdd = Math.floor(at / 60_000) % 15 === 0;
  return `${isOdd ? oddPath : `/${canaryCode}`}${oddQuery}`;
}

function pageOf(at: string): Page {
  return pageSchema.parse({ path: canaryPage, title: 'Canary', createdAt: at, updatedAt: at });
}

/** Destination of the canary's link. It is never requested. */
const destination = 'https://example.com/canary';

function linkOf(at: string): Link {
  return linkSchema.parse({
    id: canaryCode,
    code: canaryCode,
    page: canaryPage,
    url: destination,
    title: 'Canary',
    listed: false,
    createdAt: at,
    updatedAt: at,
  });
}

function problemOf(response: Response): string | undefined {
  const location = response.headers.get('location');
  if (response.status !== 302) return `status ${response.status} instead of 302`;
  return location === destination ? undefined : `location ${location ?? 'missing'} instead of ${destination}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
