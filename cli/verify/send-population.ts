import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type HttpResponse, sendRequest } from '#cli/http-request.ts';
import { type Check, compare } from './checks.ts';
import type { Visit } from './population.ts';

/**
 * Sends the requests one after another, and returns one check for each of their names: how many responses are as expected.
 * @param site `https://go.example`
 */
export async function sendPopulation(site: string, visits: readonly Visit[]): Promise<Check[]> {
  const connections = createConnections(site.startsWith('https:'));
  const problems = new Map<string, string[]>();
  for (const visit of visits) {
    const found = await sendVisit(site, visit, connections.agentFor(visit.connection));
    problems.set(visit.check, [...(problems.get(visit.check) ?? []), ...found]);
  }
  connections.close();
  const groups = Map.groupBy(visits, ({ check }) => check);
  return [...groups].map(([name, { length }]) => toCheck(name, length, problems.get(name) ?? []));
}

/** Gives each name a connection, and each request without a name its own: then its port is another. */
function createConnections(secure: boolean) {
  const agents: HttpAgent[] = [];
  const named = new Map<string, HttpAgent>();
  function open(): HttpAgent {
    const options = { keepAlive: true, maxSockets: 1 };
    const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
    agents.push(agent);
    return agent;
  }
  return {
    agentFor: (name: string | undefined): HttpAgent => {
      const agent = (name === undefined ? undefined : named.get(name)) ?? open();
      if (name !== undefined) named.set(name, agent);
      return agent;
    },
    close: () => {
      for (const agent of agents) agent.destroy();
    },
  };
}

/** Returns what is wrong with the response. */
async function sendVisit(site: string, visit: Visit, agent: HttpAgent): Promise<string[]> {
  const { method, path, body } = visit;
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const shown = `${method} ${path.length > 100 ? `${path.slice(0, 100)}…` : path}`;
  try {
    const request = { method, headers: headersOf(visit, text), agent, ...(text !== undefined && { body: text }) };
    const problems = problemsOf(await sendRequest(`${site}${path}`, request), visit);
    return problems.length === 0 ? [] : [`${shown}: ${problems.join(', ')}`];
  } catch (error) {
    return [`${shown}: ${String(error)}`];
  }
}

/** Windows, because on Microsoft's networks only other systems are taken for its mail scanner. */
function headersOf({ as, headers }: Visit, text: string | undefined): Record<string, string> {
  const userAgent =
    typeof as === 'string'
      ? as
      : `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${as}.0.0.0 Safari/537.36`;
  return {
    'user-agent': userAgent,
    accept: 'text/html,application/xhtml+xml',
    'accept-language': 'en',
    ...(text !== undefined && { 'content-length': String(Buffer.byteLength(text)) }),
    ...headers,
  };
}

function problemsOf({ status, headers, body }: HttpResponse, visit: Visit): string[] {
  const { location } = headers;
  return [
    ...(status === visit.status ? [] : [`status ${status} instead of ${visit.status}`]),
    ...(location === visit.location
      ? []
      : [`location ${location ?? 'missing'} instead of ${visit.location ?? 'none'}`]),
    ...(visit.method === 'HEAD' && body !== '' ? ['a body'] : []),
  ];
}

function toCheck(name: string, requests: number, problems: readonly string[]): Check {
  const check = compare(`response: ${name}`, requests, requests - problems.length);
  if (problems.length === 0) return check;
  const hint = problems.some((problem) => problem.includes('status 403'))
    ? ['see "403 for unusual paths" in docs/runbook.md']
    : [];
  return { ...check, advice: [...problems, ...hint].join('; ') };
}
