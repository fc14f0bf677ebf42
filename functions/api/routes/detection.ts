import type { z } from 'zod';
import { defaultAlerts, type PageAlerts, pageAlertsSchema } from '#schemas/alerts.ts';
import { pageParamsSchema } from '#schemas/api.ts';
import {
  anomaliesQuerySchema,
  anomaliesSchema,
  backtestQuerySchema,
  backtestsSchema,
  forecastSchema,
} from '#schemas/api/detection.ts';
import type { Access } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { readBacktests } from '../detection/read-backtest.ts';
import { readForecast } from '../detection/read-forecast.ts';
import { readListing } from '../listing.ts';
import { invalidRequest } from '../problem.ts';
import { toAnomalyView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { okResponses } from './responses.ts';

export function detectionRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listAnomalies(), async (c) => {
      const { path } = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const listing = await readListing(c.req.valid('query'), {
        readAfter: (id, limit) => deps.detection.incidents(path, id, limit),
        keyOf: ({ incident }) => incident.id,
        toView: toAnomalyView,
      });
      return c.json(listing, 200);
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
