import { messageOf, type EdgeRequest } from '#core/edge/edge-request.ts';
import { metricLine } from '#core/edge/metric-line.ts';
import { decideLink, decideRequest, type Decision } from '#core/links/decide.ts';
import { renderLinkPage } from '#core/links/link-page.ts';
import type { Link, Page } from '#schemas/catalog.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { type RequestLine, requestMessage } from '#schemas/log-lines.ts';
import { type HttpResponse, buildResponse, fixedResponse, html, notFound, unavailable } from './responses.ts';
import { routeOf } from './route.ts';

/** A link page as it was read: the page and its links. */
export interface PageWithLinks {
  page: Page;
  links: readonly Link[];
}

export interface RedirectDeps {
  /** Both reject only when the store does not answer and nothing is remembered. */
  findLink: (code: string) => Promise<Link | undefined>;
  findPage: (path: string) => Promise<PageWithLinks | undefined>;
  nextId: () => string;
  /** Writes one log line at once; the newline is added by it. */
  writeLine: (line: string) => void;
}

export interface Redirected {
  answer: HttpResponse;
  /** To be sent after the answer. Undefined where there is nothing to count: no such link, or it could not be known. */
  message?: ClickMessage;
}

/**
 * Answers a request for a link or a link page, and makes the event it is. The request line is written before this
 * resolves, so before the answer can leave: `received` counts it whatever becomes of the event.
 *
 * A store that does not answer is a 503 and the metric `LookupFailed`, with neither line nor event: whether the link
 * exists, and whose it is, cannot be known.
 */
export function createRedirect({ findLink, findPage, nextId, writeLine }: RedirectDeps) {
  function counted(answer: HttpResponse, message: ClickMessage): Redirected {
    writeLine(JSON.stringify(requestLineOf(message)));
    return { answer, message };
  }

  async function visitLink(code: string, facts: EdgeRequest): Promise<Redirected> {
    const link = await findLink(code);
    if (link === undefined) return { answer: notFound() };
    const verdict = decideLink(link, facts);
    return counted(buildResponse(verdict), linkMessage(link, verdict, facts, nextId()));
  }

  async function visitPage(path: string, facts: EdgeRequest): Promise<Redirected> {
    const found = await findPage(path);
    if (found === undefined) return { answer: notFound() };
    const verdict = decideRequest(facts);
    const answer =
      verdict === undefined ? html(200, renderLinkPage(found.page, found.links, facts.at)) : buildResponse(verdict);
    return counted(answer, pageMessage(found.page, verdict, facts, nextId()));
  }

  function visit(facts: EdgeRequest): Promise<Redirected> | Redirected {
    const route = routeOf(facts.path);
    switch (route.kind) {
      case 'link':
        return visitLink(route.code, facts);
      case 'page':
        return visitPage(route.path, facts);
      case 'nothing':
        return { answer: fixedResponse(facts.path) ?? notFound() };
      default:
        return route satisfies never;
    }
  }

  return async (facts: EdgeRequest): Promise<Redirected> => {
    try {
      return await visit(facts);
    } catch (error) {
      writeLine(metricLine(facts.at, [{ name: 'LookupFailed', value: 1, unit: 'Count' }]));
      writeLine(JSON.stringify({ message: 'lookup.failed', error: String(error) }));
      return { answer: unavailable() };
    }
  };
}

function requestLineOf({ id, occurredAt, page, link, campaign }: ClickMessage): RequestLine {
  return {
    message: requestMessage,
    id,
    at: occurredAt,
    page,
    link,
    campaign,
  };
}

function linkMessage(link: Link, verdict: Decision, facts: EdgeRequest, id: string): ClickMessage {
  return {
    ...messageOf(facts, id),
    page: link.page,
    link: link.code,
    destination: verdict.response.kind === 'redirect' ? verdict.response.location : link.url,
    title: link.title,
    campaign: link.campaign,
    outcome: verdict.outcome,
    rule: verdict.rule,
  };
}

function pageMessage(page: Page, verdict: Decision | undefined, facts: EdgeRequest, id: string): ClickMessage {
  return {
    ...messageOf(facts, id),
    type: 'page_view',
    page: page.path,
    title: page.title,
    outcome: verdict?.outcome ?? (facts.method === 'HEAD' ? 'head' : null),
    rule: verdict?.rule ?? (facts.method === 'HEAD' ? 'method.HEAD' : null),
  };
}
