import { messageOf, type EdgeRequest } from '#core/edge/edge-request.ts';
import { lookupFailedLines } from '#core/edge/lookup-failed.ts';
import type { RefusedRequest } from '#core/edge/refused-limit.ts';
import { redactEmails } from '#core/edge/visitor-text.ts';
import {
  decideExpired,
  decideLink,
  decideRequest,
  decideMiss,
  type Decision,
  type MissRule,
  usesClick,
} from '#core/links/decide.ts';
import type { AskedDomain } from '#core/links/served-domains.ts';
import type { NoticeOwner } from '#core/links/notice-page.ts';
import type { Link, Page, VisitorTexts } from '#schemas/catalog.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { type RefusedLine, refusedMessage, type RequestLine, requestMessage } from '#schemas/log-lines.ts';
import {
  type HttpResponse,
  type PageWithLinks,
  buildResponse,
  fixedResponse,
  notFound,
  redirectHome,
  showLinkPage,
  unavailable,
} from './responses.ts';
import { rereadPath } from './misread-path.ts';
import { parseRoute, type Route } from './route.ts';

export interface RedirectDeps {
  /** Both reject only if the store is unavailable and nothing is in memory. */
  findLink: (code: string) => Promise<Link | undefined>;
  findPage: (path: string) => Promise<PageWithLinks | undefined>;
  /** Uses up a click of a link's limit. False if none is left; may reject. */
  takeClick: (id: string, limit: number) => Promise<boolean>;
  /** Whether a refused request is kept as an event; if not, it is only counted. Other requests are never limited. */
  keepsRefused: (request: RefusedRequest) => boolean;
  nextId: () => string;
  /** Writes one log line synchronously. */
  writeLine: (line: string) => void;
  /** Finds the domain that a request asks. */
  askedDomain: (request: EdgeRequest) => AskedDomain;
  /** Whether codes are equal if they differ in capitals only. */
  ignoreCase: boolean;
  /** Where `/` leads to: a path or a URL; undefined for a 404. */
  homeUrl: string | undefined;
}

/** A request, and the domain that it asks. */
interface Visit {
  request: EdgeRequest;
  at: AskedDomain;
}

export interface Redirected {
  response: HttpResponse;
  /** Sent after the response. Undefined for an unknown link, a failed lookup, and a refused request that is only counted. */
  message?: ClickMessage;
}

/**
 * Returns a function that responds to a request for a link or a link page, and builds its event. The request line is
 * written before the response can leave, so `received` counts the request even if the event is lost.
 *
 * If the store is unavailable, the response is a 503 without an event, because nothing is known about the link or its page.
 * A log line counts it for the stack.
 */
export function createRedirect(deps: RedirectDeps) {
  const { findLink, findPage, takeClick, keepsRefused, nextId, writeLine, askedDomain, ignoreCase, homeUrl } = deps;

  function counted(response: HttpResponse, message: ClickMessage): Redirected {
    const { outcome, address, page, occurredAt } = message;
    if (outcome === 'refused' && !keepsRefused({ address, page, at: occurredAt })) {
      writeLine(JSON.stringify(refusedLineOf(message)));
      return { response };
    }
    writeLine(JSON.stringify(requestLineOf(message)));
    return { response, message };
  }

  async function visitLink(code: string, visit: Visit): Promise<Redirected | undefined> {
    const { request, at } = visit;
    const link = await findLink(code);
    if (link === undefined) return undefined;
    if (!at.answersLink(link.domain)) return countMiss(link, visit, 'link.domain');
    const first = decideLink(link, request);
    const decision =
      usesClick(link, first, request) && !(await hasClicksLeft(link)) ? decideExpired(link, 'link.click-limit') : first;
    const owner = decision.response.kind === 'closed' ? await findOwner(link.page, visit, 'closed') : undefined;
    return counted(buildResponse(decision, owner), linkMessage(link, decision, request, nextId()));
  }

  /** A limit that cannot be read now stops nobody. */
  async function hasClicksLeft({ id, clickLimit }: Link): Promise<boolean> {
    try {
      return clickLimit === null || (await takeClick(id, clickLimit));
    } catch (error) {
      writeLine(JSON.stringify({ message: 'click-limit.unread', link: id, error: String(error) }));
      return true;
    }
  }

  /** A page that cannot be read now has no text. */
  async function findOwner(path: string, { at }: Visit, text: keyof VisitorTexts): Promise<NoticeOwner | undefined> {
    const found = await findPage(path).catch(() => undefined);
    if (found === undefined) return { page: path, prefix: '', text: null };
    const { domain, texts } = found.page;
    return { page: path, prefix: at.showsPage(domain) ? '' : at.prefixTo(domain), text: texts?.[text] ?? null };
  }

  /** The visitor of a domain finds its page. */
  async function respondNotFound(visit: Visit): Promise<HttpResponse> {
    const path = visit.at.domain?.page ?? null;
    return notFound(path === null ? undefined : await findOwner(path, visit, 'unknown'));
  }

  /** The response is that to an unknown code, so that visitors don't learn of the links of other domains. */
  async function countMiss(link: Link, visit: Visit, rule: MissRule): Promise<Redirected> {
    return counted(await respondNotFound(visit), missMessage(link, { ...visit, rule, id: nextId() }));
  }

  async function visitPage(path: string, { request, at }: Visit): Promise<Redirected | undefined> {
    const found = await findPage(path);
    if (found === undefined || !at.showsPage(found.page.domain)) return undefined;
    const decision = decideRequest(request);
    const response =
      decision === undefined
        ? showLinkPage(found, { now: request.at, prefixTo: at.prefixTo })
        : buildResponse(decision);
    return counted(response, pageMessage(found.page, decision, request, nextId()));
  }

  function follow(route: Route, visit: Visit): Promise<Redirected | undefined> | undefined {
    switch (route.kind) {
      case 'link':
        return visitLink(route.code, visit);
      case 'page':
        return visitPage(route.path, visit);
      case 'nothing':
        return undefined;
      default:
        return route satisfies never;
    }
  }

  /** Rereads the path. Costs at most three lookups more than a hit. */
  async function followMiss(visit: Visit): Promise<Redirected> {
    const { request, at } = visit;
    const { meant, near } = rereadPath(request.path, { ignoreCase });
    for (const route of meant) {
      const visited = await follow(route, visit);
      if (visited !== undefined) return visited;
    }
    const link = near === null ? undefined : await findLink(near);
    if (link === undefined || !at.answersLink(link.domain)) return { response: await respondNotFound(visit) };
    return countMiss(link, visit, 'link.unknown');
  }

  return async (request: EdgeRequest): Promise<Redirected> => {
    try {
      const visit = { request, at: askedDomain(request) };
      return (await follow(parseRoute(request.path), visit)) ?? fixed(visit, homeUrl) ?? (await followMiss(visit));
    } catch (error) {
      for (const line of lookupFailedLines(request.at, error)) writeLine(line);
      return { response: unavailable() };
    }
  };
}

function fixed({ request: { path }, at }: Visit, homeUrl: string | undefined): Redirected | undefined {
  const home = path === '/' ? findHome(at, homeUrl) : undefined;
  const response = home === undefined ? fixedResponse(path) : redirectHome(home);
  return response && { response };
}

/** Another domain leads to its page or nowhere: it may be an agency's, whose visitors need not know of the stack. */
function findHome({ domain }: AskedDomain, homeUrl: string | undefined): string | undefined {
  if (domain?.page) return `/@${domain.page.slice(1)}`;
  return domain === undefined || domain.serves === 'all' ? homeUrl : undefined;
}

function requestLineOf({ id, occurredAt, page, link }: ClickMessage): RequestLine {
  return {
    message: requestMessage,
    id,
    at: occurredAt,
    page,
    link,
  };
}

function refusedLineOf({ occurredAt, rule, page, link }: ClickMessage): RefusedLine {
  return { message: refusedMessage, at: occurredAt, rule: rule ?? 'refused', count: 1, page, link };
}

function linkMessage(link: Link, decision: Decision, request: EdgeRequest, id: string): ClickMessage {
  return {
    ...messageOf(request, id),
    page: link.page,
    link: link.id,
    destination: storedDestination(link, decision, request),
    title: link.title,
    campaign: link.campaign,
    ...(decision.response.kind === 'redirect' &&
      decision.response.variant !== undefined && { variant: decision.response.variant }),
    outcome: decision.outcome,
    rule: decision.rule,
  };
}

/** Returns where the click was sent, without the visitor's parameters that the link passes on. */
function storedDestination(link: Link, { response, outcome }: Decision, request: EdgeRequest): string {
  if (response.kind !== 'redirect') return link.url;
  // Nothing is passed on to `expiredUrl`.
  if (outcome === 'expired') return response.location;
  const own = link.passQuery ? decideLink({ ...link, passQuery: false }, request).response : response;
  return own.kind === 'redirect' ? own.location : link.url;
}

/** Longest path kept of a request for a code that does not exist, in UTF-16 code units. */
const longestRequested = 200;

interface Miss extends Visit {
  rule: MissRule;
  id: string;
}

/** Builds the event of a request that finds no link, for the link that was probably meant. */
function missMessage(link: Link, { request, at, rule: reason, id }: Miss): ClickMessage {
  const { outcome, rule } = decideMiss(request, reason);
  return {
    ...messageOf(request, id),
    page: link.page,
    link: link.id,
    title: link.title,
    campaign: link.campaign,
    outcome,
    rule,
    properties: { requested: `${reason === 'link.domain' ? at.name : ''}${requestedPath(request)}` },
  };
}

/** Returns the path without parameters that were appended to it by mistake: `/Summer&email=…`. */
function requestedPath({ path }: EdgeRequest): string {
  const [bare = ''] = path.split(parameters, 1);
  return redactEmails(bare).slice(0, longestRequested);
}

/** `&`, `?`, `;`, `#` and `=`, also percent-encoded. */
const parameters = /[&?;#=]|%(?:25)*(?:26|3f|3b|23|3d)/i;

function pageMessage(page: Page, decision: Decision | undefined, request: EdgeRequest, id: string): ClickMessage {
  return {
    ...messageOf(request, id),
    type: 'page_view',
    page: page.path,
    title: page.title,
    outcome: decision?.outcome ?? (request.method === 'HEAD' ? 'head' : null),
    rule: decision?.rule ?? (request.method === 'HEAD' ? 'method.HEAD' : null),
  };
}
