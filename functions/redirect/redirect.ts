import { messageOf, type EdgeRequest } from '#core/edge/edge-request.ts';
import { lookupFailedLines } from '#core/edge/lookup-failed.ts';
import type { RefusedRequest } from '#core/edge/refused-limit.ts';
import { redactEmails } from '#core/edge/visitor-text.ts';
import {
  decideExpired,
  decideLink,
  decideRequest,
  decideUnknown,
  type Decision,
  usesClick,
} from '#core/links/decide.ts';
import type { Link, Page } from '#schemas/catalog.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { type RefusedLine, refusedMessage, type RequestLine, requestMessage } from '#schemas/log-lines.ts';
import {
  type HttpResponse,
  buildResponse,
  fixedResponse,
  notFound,
  redirectHome,
  showLinkPage,
  unavailable,
} from './responses.ts';
import { rereadPath } from './misread-path.ts';
import { parseRoute, type Route } from './route.ts';

/** What a link page shows. */
export interface PageWithLinks {
  page: Page;
  links: readonly Link[];
}

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
  /** Whether codes are equal if they differ in capitals only. */
  ignoreCase: boolean;
  /** Where `/` leads to: a path or a URL; undefined for a 404. */
  homeUrl: string | undefined;
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
  const { findLink, findPage, takeClick, keepsRefused, nextId, writeLine, ignoreCase, homeUrl } = deps;

  function counted(response: HttpResponse, message: ClickMessage): Redirected {
    const { outcome, address, page, occurredAt } = message;
    if (outcome === 'refused' && !keepsRefused({ address, page, at: occurredAt })) {
      writeLine(JSON.stringify(refusedLineOf(message)));
      return { response };
    }
    writeLine(JSON.stringify(requestLineOf(message)));
    return { response, message };
  }

  async function visitLink(code: string, request: EdgeRequest): Promise<Redirected | undefined> {
    const link = await findLink(code);
    if (link === undefined) return undefined;
    const first = decideLink(link, request);
    const decision =
      usesClick(link, first, request) && !(await hasClicksLeft(link)) ? decideExpired(link, 'link.click-limit') : first;
    return counted(buildResponse(decision, link.page), linkMessage(link, decision, request, nextId()));
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

  async function visitPage(path: string, request: EdgeRequest): Promise<Redirected | undefined> {
    const found = await findPage(path);
    if (found === undefined) return undefined;
    const decision = decideRequest(request);
    const response =
      decision === undefined ? showLinkPage(found.page, found.links, request.at) : buildResponse(decision);
    return counted(response, pageMessage(found.page, decision, request, nextId()));
  }

  function visit(route: Route, request: EdgeRequest): Promise<Redirected | undefined> | undefined {
    switch (route.kind) {
      case 'link':
        return visitLink(route.code, request);
      case 'page':
        return visitPage(route.path, request);
      case 'nothing':
        return undefined;
      default:
        return route satisfies never;
    }
  }

  /** Rereads the path. Costs at most three lookups more than a hit. */
  async function visitMiss(request: EdgeRequest): Promise<Redirected> {
    const { meant, near } = rereadPath(request.path, { ignoreCase });
    for (const route of meant) {
      const visited = await visit(route, request);
      if (visited !== undefined) return visited;
    }
    const link = near === null ? undefined : await findLink(near);
    return link === undefined ? { response: notFound() } : counted(notFound(), unknownMessage(link, request, nextId()));
  }

  return async (request: EdgeRequest): Promise<Redirected> => {
    try {
      return (await visit(parseRoute(request.path), request)) ?? fixed(request, homeUrl) ?? (await visitMiss(request));
    } catch (error) {
      for (const line of lookupFailedLines(request.at, error)) writeLine(line);
      return { response: unavailable() };
    }
  };
}

function fixed({ path }: EdgeRequest, homeUrl: string | undefined): Redirected | undefined {
  const response = path === '/' && homeUrl !== undefined ? redirectHome(homeUrl) : fixedResponse(path);
  return response && { response };
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

/** Builds the event of a request for a code that does not exist, for the link whose code is close to it. */
function unknownMessage(link: Link, request: EdgeRequest, id: string): ClickMessage {
  const { outcome, rule } = decideUnknown(request);
  return {
    ...messageOf(request, id),
    page: link.page,
    link: link.id,
    title: link.title,
    campaign: link.campaign,
    outcome,
    rule,
    properties: { requested: requestedPath(request) },
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
