import { describeSchemaError } from '#core/field-error.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Outbox } from '../aws/outbox.ts';
import type { ErrorFate } from '../aws/service-gate.ts';
import { readBody, RefusedRequest } from '../edge/request.ts';
import type { Invocation } from '../functions/pool.ts';
import type { Issuer } from '../identity/issuer.ts';
import type { UserPoolAccounts } from '../identity/user-pool.ts';
import { serviceChangesSchema, type ServiceFaults } from '../fault-injection/service-faults.ts';
import { guardLocal } from './guard.ts';
import { renderChooser } from './chooser-page.ts';
import { renderMail, renderOutbox } from './outbox-page.ts';
import { choose, signIn } from './sign-in.ts';
import type { IdleReport, Snapshot } from './snapshot.ts';
import { renderStatus } from './status-page.ts';

export interface LocalPagesDeps {
  snapshot: () => Promise<Snapshot>;
  idle: () => Promise<IdleReport>;
  invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  runSchedule: (name: string) => boolean;
  serviceFaults: ServiceFaults;
  outbox: Outbox;
  issuer: Issuer;
  accounts: UserPoolAccounts;
  catalog: CatalogAdmin;
}

interface Page {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Serves the local stack's own pages and endpoints below `/_local/`. */
export function createLocalPages(
  deps: LocalPagesDeps,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  function offered() {
    return deps.accounts.list().filter(deps.accounts.mayEnter);
  }
  async function get(path: string, query: URLSearchParams): Promise<Page> {
    const [, mail, part] = /^\/outbox\/([^/]+)(\/body)?$/.exec(path) ?? [];
    if (mail !== undefined) return showMail(mail, deps, part === undefined ? 'page' : 'body');
    switch (path) {
      case '':
        return seeOther('/_local/');
      case '/':
        return html(renderStatus(await deps.snapshot()));
      case '/status.json':
        return json(await deps.snapshot());
      case '/idle':
        return json(await deps.idle());
      case '/outages':
        return json(deps.serviceFaults.modes());
      case '/outbox':
        return html(renderOutbox(deps.outbox.list()));
      case '/oidc':
        return html(renderChooser(undefined, offered()));
      case '/token':
        return json({ token: await signIn(query.get('as') ?? '', query.get('for'), deps) });
      default:
        throw new RefusedRequest(404, `Not found: GET /_local${path}`);
    }
  }

  async function post(path: string, incoming: IncomingMessage): Promise<Page> {
    const schedule = /^\/schedules\/([^/]+)\/run$/.exec(path)?.[1];
    if (schedule !== undefined) return runSchedule(decodeURIComponent(schedule), deps);
    if (path === '/invoke') return invokeFunction(incoming, deps);
    if (path === '/outages') return switchServices(incoming, deps);
    throw new RefusedRequest(404, `Not found: POST /_local${path}`);
  }

  /** Passes `/oidc/` requests to the issuer, after asking which user to sign in as. */
  async function serveIssuer(
    path: string,
    url: URL,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<Page | undefined> {
    const fate = await deps.serviceFaults.meet(['sign-in'], signalOf(outgoing));
    if (fate === 'dropped') return void outgoing.destroy();
    if (fate !== 'pass') return signInErrors[fate];
    if (path === '/oidc/authorize') {
      const as = url.searchParams.get('as');
      if (as === null) return html(renderChooser(url.search, offered()));
      const { subject } = await choose(as, url.searchParams.get('for'), deps);
      url.searchParams.set('login_hint', subject);
    }
    incoming.url = path.slice('/oidc'.length) + url.search;
    deps.issuer.handle(incoming, outgoing);
    return undefined;
  }

  return async (incoming, outgoing) => {
    guardLocal(incoming);
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const path = url.pathname.slice('/_local'.length);
    const page = path.startsWith('/oidc/')
      ? await serveIssuer(path, url, incoming, outgoing)
      : incoming.method === 'GET'
        ? await get(path, url.searchParams)
        : await post(path, incoming);
    if (page) outgoing.writeHead(page.status, { 'cache-control': 'no-store', ...page.headers }).end(page.body);
  };
}

/** Errors of the issuer while sign-in fails (RFC 6749, 4.1.2.1). */
const signInErrors: Readonly<Record<ErrorFate, Page>> = {
  failing: { ...json({ error: 'server_error' }), status: 500 },
  throttled: { ...json({ error: 'temporarily_unavailable' }), status: 429 },
};

/** Aborts when the client has gone. */
function signalOf(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  return gone.signal;
}

const plainPolicy = "default-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:";

function showMail(id: string, deps: LocalPagesDeps, part: 'page' | 'body'): Page {
  const mail = deps.outbox.find(id);
  if (!mail) throw new RefusedRequest(404, `No email with the id "${id}"`);
  if (part === 'page') return html(renderMail(mail), `${plainPolicy}; frame-src 'self'`);
  // Emails may contain any HTML: the sandbox blocks scripts and requests.
  return html(mail.html ?? '', "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; sandbox");
}

function html(body: string, policy = plainPolicy): Page {
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    body,
  };
}

function seeOther(location: string): Page {
  return { status: 303, headers: { location }, body: '' };
}

function json(value: unknown): Page {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(value, null, 2)}\n`,
  };
}

function runSchedule(name: string, deps: LocalPagesDeps): Page {
  if (!deps.runSchedule(name)) throw new RefusedRequest(404, `No schedule named "${name}"`);
  return seeOther('/_local/#schedules');
}

const invokeSchema = z.object({ function: z.string(), payload: z.unknown() });

async function invokeFunction(incoming: IncomingMessage, deps: LocalPagesDeps): Promise<Page> {
  const parsed = invokeSchema.safeParse(JSON.parse((await readBody(incoming)).toString()));
  if (!parsed.success) throw new RefusedRequest(400, describeSchemaError(parsed.error));
  return json(await deps.invoke(parsed.data.function, parsed.data.payload));
}

/** Redirects a form back to the status page; responds to JSON with the current modes. */
async function switchServices(incoming: IncomingMessage, { serviceFaults }: LocalPagesDeps): Promise<Page> {
  const body = (await readBody(incoming)).toString();
  const isForm = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const changes: unknown = isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body);
  const parsed = serviceChangesSchema.safeParse(changes);
  if (!parsed.success) throw new RefusedRequest(400, describeSchemaError(parsed.error));
  serviceFaults.set(parsed.data);
  return isForm ? seeOther('/_local/#outages') : json(serviceFaults.modes());
}
