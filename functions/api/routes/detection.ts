import { z } from 'zod';
import { recipientId } from '#core/alerts/mail-token.ts';
import { dayLength } from '#core/time.ts';
import { defaultAlerts, type PageAlerts, pageAlertsSchema } from '#schemas/alerts.ts';
import { pageParamsSchema } from '#schemas/api.ts';
import {
  anomaliesQuerySchema,
  anomaliesSchema,
  anomalyChangeSchema,
  anomalySchema,
  backtestQuerySchema,
  backtestsSchema,
  forecastSchema,
  muteSchema,
} from '#schemas/api/detection.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { readBacktests } from '../detection/read-backtest.ts';
import { readForecast } from '../detection/read-forecast.ts';
import { changeRecord, updatedAfter } from '../conditional.ts';
import { readListing } from '../listing.ts';
import type { Principal } from '../principal.ts';
import { invalidRequest, notFound } from '../problem.ts';
import { toAnomalyView, toPageView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { changedResponses, idOfPageParams, jsonBody, okResponses } from './responses.ts';

export function detectionRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listAnomalies(), async (c) => {
      const { path, alerts } = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const marks = await readMarks(deps, path, c.var.principal);
      const listing = await readListing(c.req.valid('query'), {
        readAfter: (id, limit) => deps.detection.incidents(path, id, limit),
        keyOf: ({ incident }) => incident.id,
        toView: (followed) => toAnomalyView(followed, marks.get(followed.incident.id)),
      });
      return c.json({ ...listing, mutedUntil: mutedUntil(alerts, deps.now()) }, 200);
    })
    .openapi(changeAnomaly(), async (c) => {
      const { page, id } = c.req.valid('param');
      const { path } = await access.page(c.var.principal, `/${page}`);
      const found = await deps.detection.incident(path, id);
      if (found === undefined) throw notFound('Alert');
      const { acknowledged, feedback } = c.req.valid('json');
      const now = deps.now();
      if (acknowledged !== undefined) await deps.detection.acknowledge(path, id, acknowledged ? now : undefined);
      if (feedback !== undefined)
        await deps.detection.answer(path, id, await recipientOf(deps, c.var.principal), feedback, now);
      return c.json(toAnomalyView(found, (await readMarks(deps, path, c.var.principal)).get(id)), 200);
    })
    .openapi(putMute(), async (c) => {
      const { until } = c.req.valid('json');
      checkMute(until, deps.now());
      const changed = await changeRecord({
        ifMatch: undefined,
        read: () => access.page(c.var.principal, `/${c.req.valid('param').page}`),
        toView: (page) => toPageView(page, deps.addresses),
        change: (page) => ({
          ...page,
          alerts: { ...(page.alerts ?? defaultAlerts), mutedUntil: until },
          updatedAt: updatedAfter(page, deps.now()),
        }),
        replace: deps.catalog.replacePage,
      });
      return c.json({ until: mutedUntil(changed.alerts, deps.now()) }, 200);
    })
    .openapi(getForecast(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(await readForecast(deps, page), 200);
    })
    .openapi(getBacktest(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const query = c.req.valid('query');
      const setting = resolveSetting(query, page.alerts ?? defaultAlerts);
      return c.json(await readBacktests(deps, { page, setting, days: query.days }), 200);
    });
}

const tags = ['alerts and forecasts'];

function listAnomalies() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/anomalies',
    tags,
    operationId: 'listAnomalies',
    summary: 'List the incidents of a page, newest first',
    request: { params: pageParamsSchema, query: anomaliesQuerySchema },
    responses: okResponses('Incidents with the sentences of their mails', anomaliesSchema),
  });
}

function getForecast() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/forecast',
    tags,
    operationId: 'getForecast',
    summary: "Get the forecast of a page for 28 days, and the month's pace",
    request: { params: pageParamsSchema },
    responses: okResponses('The forecast and the settled days before it', forecastSchema),
  });
}

function getBacktest() {
  return defineRoute('pageUsers', {
    method: 'get',
    path: '/pages/{page}/backtest',
    tags,
    operationId: 'getBacktest',
    summary: 'Get the alerts that a setting would have raised, compared with every other setting',
    request: { params: pageParamsSchema, query: backtestQuerySchema },
    responses: okResponses('Alerts per setting', backtestsSchema),
  });
}

function changeAnomaly() {
  return defineRoute('pageUsers', {
    method: 'patch',
    path: '/pages/{page}/anomalies/{id}',
    tags,
    operationId: 'changeAnomaly',
    summary: 'Acknowledge an incident, or say whether its alert was useful',
    request: {
      params: idOfPageParams,
      body: jsonBody(anomalyChangeSchema),
    },
    responses: okResponses('The incident', anomalySchema),
  });
}

function putMute() {
  return defineRoute('pageUsers', {
    method: 'put',
    path: '/pages/{page}/mute',
    tags,
    operationId: 'putMute',
    summary: 'Send no mails of alerts and recoveries of a page until a time. Alerts are still listed',
    request: { params: pageParamsSchema, body: jsonBody(muteSchema) },
    responses: changedResponses('The end; null if the page is not muted', muteSchema),
  });
}

/** Without the secret, only the caller's feedback is unknown. */
async function readMarks(deps: ApiDeps, path: string, principal: Principal): ReturnType<Alerts['marks']> {
  return deps.detection.marks(path, await recipientOf(deps, principal).catch(() => ''));
}

/** The recipient whose feedback is that of the caller: a user is the same by mail and in the dashboard. */
async function recipientOf(deps: ApiDeps, principal: Principal): Promise<string> {
  const subject = principal.kind === 'share' ? principal.id : (principal.user?.email ?? principal.id);
  return recipientId(subject, await deps.recipients.secret());
}

function mutedUntil(alerts: PageAlerts | undefined, now: number): string | null {
  const until = alerts?.mutedUntil ?? null;
  return until !== null && Date.parse(until) > now ? until : null;
}

const longestMute = 90;

/** @throws {Problem} 400 for a time in the past, or too far away */
function checkMute(until: string | null, now: number): void {
  if (until === null) return;
  const at = Date.parse(until);
  if (at <= now || at > now + longestMute * dayLength)
    throw invalidRequest([{ field: 'until', value: until, allowed: `in the future, within ${longestMute} days` }]);
}

type BacktestQuery = z.output<typeof backtestQuerySchema>;

function resolveSetting({ method, sensitivity, badDays }: BacktestQuery, saved: PageAlerts) {
  return {
    method: method ?? saved.method,
    sensitivity: sensitivity ?? saved.sensitivity,
    badDays: badDays === undefined ? saved.badDays : parseBadDays(badDays),
  };
}

/** @throws {Problem} 400 for an invalid date */
function parseBadDays(text: string): string[] {
  const parsed = pageAlertsSchema.shape.badDays.safeParse(text.split(',').filter((date) => date !== ''));
  if (parsed.success) return parsed.data;
  throw invalidRequest(
    parsed.error.issues.map(({ message }) => ({ field: 'badDays', value: text.slice(0, 200), allowed: message })),
  );
}
