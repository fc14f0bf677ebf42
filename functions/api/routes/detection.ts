import { createRoute } from '@hono/zod-openapi';
import type { z } from 'zod';
import { type PageAlerts, defaultAlerts, pageAlertsSchema } from '#schemas/alerts.ts';
import { pageParamsSchema } from '#schemas/api.ts';
import {
  anomaliesQuerySchema,
  anomaliesSchema,
  backtestQuerySchema,
  backtestsSchema,
  forecastSchema,
} from '#schemas/api/detection.ts';
import type { Access } from '../access.ts';
import { toListing, parseCursor } from '../listing.ts';
import type { ApiDeps } from '../deps.ts';
import { anomalyOf } from '../detection/anomaly.ts';
import { readBacktests } from '../detection/read-backtest.ts';
import { readForecast } from '../detection/read-forecast.ts';
import { invalidRequest } from '../problem.ts';
import { okResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const tags = ['alerts and forecasts'];

const anomalies = createRoute({
  method: 'get',
  path: '/pages/{page}/anomalies',
  tags,
  operationId: 'listAnomalies',
  summary: 'Alerts of a page, newest first, in the words of their mails',
  request: { params: pageParamsSchema, query: anomaliesQuerySchema },
  responses: okResponses('Alerts from their opening to their end', anomaliesSchema),
});
const forecast = createRoute({
  method: 'get',
  path: '/pages/{page}/forecast',
  tags,
  operationId: 'getForecast',
  summary: 'What the next weeks of a page may bring, and where its month is heading',
  request: { params: pageParamsSchema },
  responses: okResponses('The forecast, null before the first, beside the days that it knows', forecastSchema),
});
const backtest = createRoute({
  method: 'get',
  path: '/pages/{page}/backtest',
  tags,
  operationId: 'getBacktest',
  summary: 'What the alerts of a page would have told with a setting, and with each of the others',
  request: { params: pageParamsSchema, query: backtestQuerySchema },
  responses: okResponses('Days of traffic that would have opened an alert', backtestsSchema),
});

export function detectionRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(anomalies, async (c) => {
      const { path } = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const { cursor, limit } = c.req.valid('query');
      const incidents = await deps.detection.incidents(path, parseCursor(cursor)[0], limit + 1);
      return c.json(
        toListing(incidents.map(anomalyOf), limit, ({ id }) => id),
        200,
      );
    })
    .openapi(forecast, async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      return c.json(await readForecast(deps, page), 200);
    })
    .openapi(backtest, async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const query = c.req.valid('query');
      const setting = settingOf(query, page.alerts ?? defaultAlerts);
      return c.json(await readBacktests(deps, { page, setting, days: query.days }), 200);
    });
}

type BacktestQuery = z.output<typeof backtestQuerySchema>;

function settingOf({ method, sensitivity, badDays }: BacktestQuery, saved: PageAlerts) {
  return {
    method: method ?? saved.method,
    sensitivity: sensitivity ?? saved.sensitivity,
    badDays: badDays === undefined ? saved.badDays : badDaysOf(badDays),
  };
}

/** @throws {Problem} 400 for what is no date */
function badDaysOf(text: string): string[] {
  const parsed = pageAlertsSchema.shape.badDays.safeParse(text.split(',').filter((date) => date !== ''));
  if (parsed.success) return parsed.data;
  throw invalidRequest(
    parsed.error.issues.map(({ message }) => ({ field: 'badDays', value: text.slice(0, 200), allowed: message })),
  );
}
