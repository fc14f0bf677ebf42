import { newPull, noLinks } from '#core/history/pulls/new-pull.ts';
import { sealToken } from '#core/history/pulls/token.ts';
import {
  newPullSchema,
  type ParsedPull,
  pullSchema,
  pullsQuerySchema,
  pullsSchema,
  startPullSchema,
} from '#schemas/api/pulls.ts';
import { type PullJob, pullLimits, type PullRequest } from '#schemas/history/pull.ts';
import type { PullChange } from '#stores/catalog/pulls.ts';
import type { Access } from '../../access.ts';
import type { ApiDeps } from '../../deps.ts';
import { checkLimit } from '../../limits.ts';
import { readListing } from '../../listing.ts';
import type { Principal } from '../../principal.ts';
import { conflict, invalidRequest, notFound, tooManyRequests } from '../../problem.ts';
import { createRouter } from '../create-router.ts';
import { defineRoute } from '../define-route.ts';
import { acceptedResponses, idParams, jsonBody, okResponses, removedResponses } from '../responses.ts';
import { isPullInterrupted, toPullView } from './pull-view.ts';

const pullWindowSeconds = 3600;

/** Pulls links and history from the APIs of other tools. */
export function pullRoutes(deps: ApiDeps, access: Access) {
  async function find(principal: Principal, id: string): Promise<PullJob> {
    const pull = await deps.pulls.get(id);
    if (pull === undefined) throw notFound('Pull');
    await access.page(principal, pull.page);
    return pull;
  }
  async function keepToken(id: string, token: string): Promise<void> {
    const sealed = sealToken(token, id, { secret: await deps.recipients.secret(), iv: deps.random(12) });
    await deps.pulls.putToken(id, sealed);
  }
  return createRouter()
    .openapi(createPull(), async (c) => {
      const body = c.req.valid('json');
      const { path, agency } = await access.page(c.var.principal, body.page);
      const stored = await deps.pulls.after(path, undefined, pullLimits.ofPage);
      checkLimit('pulls of a page', stored.length, pullLimits.ofPage, 'Delete one first.');
      if (!(await deps.importRate(`imports#${agency ?? path}`))) throw tooManyRequests(pullWindowSeconds);
      const now = deps.now();
      const pull = newPull({ page: path, request: toRequest(body), dryRun: body.dryRun, now, random: deps.random });
      await keepToken(pull.id, body.token);
      await deps.pulls.create(pull);
      await deps.runner.startPull(pull.id);
      return c.json(toPullView(pull, now), 202);
    })
    .openapi(startPull(), async (c) => {
      const { token } = c.req.valid('json');
      const pull = await find(c.var.principal, c.req.valid('param').id);
      const now = deps.now();
      if (token !== undefined && pull.state !== 'paused') throw conflict('Only a paused pull takes another token.');
      const change = toStart(pull, now);
      if (pull.state === 'paused' && !pull.isPulled) {
        if (token !== undefined) await keepToken(pull.id, token);
        else if ((await deps.pulls.token(pull.id)) === undefined)
          throw invalidRequest([{ field: 'token', value: null, allowed: 'a token: the one before was deleted' }]);
      }
      const started = await deps.pulls.change(pull, change);
      if (started === undefined) throw conflict('The pull was changed at the same time. Read it and try again.');
      await deps.runner.startPull(pull.id);
      return c.json(toPullView(started, now), 202);
    })
    .openapi(listPulls(), async (c) => {
      const query = c.req.valid('query');
      const { path } = await access.page(c.var.principal, query.page);
      const listing = await readListing(query, {
        readAfter: (id, limit) => deps.pulls.after(path, id, limit),
        keyOf: ({ id }) => id,
        toView: (pull) => toPullView(pull, deps.now()),
      });
      return c.json(listing, 200);
    })
    .openapi(getPull(), async (c) => {
      const pull = await find(c.var.principal, c.req.valid('param').id);
      const isRead = pull.state === 'previewed' || pull.state === 'done';
      return c.json(toPullView(pull, deps.now(), isRead ? await deps.uploads.pullReport(pull.id) : undefined), 200);
    })
    .openapi(deletePull(), async (c) => {
      const { id } = await find(c.var.principal, c.req.valid('param').id);
      await deps.pulls.deleteToken(id);
      await deps.pulls.delete(id);
      return c.body(null, 204);
    });
}

function toRequest(body: ParsedPull): PullRequest {
  switch (body.tool) {
    case 'bitly':
      return { tool: 'bitly', history: body.history, ...(body.group !== undefined && { group: body.group }) };
    case 'dub':
      return { tool: 'dub', history: body.history };
    case 'shlink':
      return { tool: 'shlink', server: body.server, history: body.history };
    case 'plausible':
      return { tool: 'plausible', server: body.server, site: body.site };
    default:
      return body satisfies never;
  }
}

/** Returns how a pull goes on. @throws {Problem} 409 if it cannot */
function toStart(pull: PullJob, now: number): PullChange {
  const running = { state: 'running', reason: null, wakeAt: null } as const;
  switch (pull.state) {
    case 'previewed':
      return { ...running, dryRun: false, imported: noLinks };
    case 'paused':
      return running;
    case 'running':
      if (isPullInterrupted(pull, now)) return running;
      throw conflict('The pull is running.');
    case 'waiting':
      throw conflict('The pull goes on by itself when its wait is over.');
    case 'failed':
      throw conflict('The pull has failed: its message names the field. Create another one.');
    case 'done':
      throw conflict('The pull is done. Create another one to pull again.');
    default:
      return pull.state satisfies never;
  }
}

const tags = ['imports of history'];

function createPull() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/imports/pulls',
    tags,
    operationId: 'createPull',
    summary: 'Pull links and history from Bitly, Dub, Shlink or Plausible',
    request: { body: jsonBody(newPullSchema) },
    responses: acceptedResponses('The pull, running', pullSchema),
  });
}

function startPull() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/imports/pulls/{id}/start',
    tags,
    operationId: 'startPull',
    summary: 'Import what a preview has read, or continue a paused or interrupted pull',
    request: { params: idParams, body: jsonBody(startPullSchema) },
    responses: acceptedResponses('The pull, running', pullSchema),
  });
}

function listPulls() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/imports/pulls',
    tags,
    operationId: 'listPulls',
    summary: 'List the pulls of a page, oldest first',
    request: { query: pullsQuerySchema },
    responses: okResponses('Pulls and their progress', pullsSchema),
  });
}

function getPull() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/imports/pulls/{id}',
    tags,
    operationId: 'getPull',
    summary: 'Get the progress of a pull and what became of its links',
    request: { params: idParams },
    responses: okResponses('The pull', pullSchema),
  });
}

function deletePull() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/imports/pulls/{id}',
    tags,
    operationId: 'deletePull',
    summary: 'Stop a pull and delete its token; what was imported stays',
    request: { params: idParams },
    responses: removedResponses('Deleted'),
  });
}
