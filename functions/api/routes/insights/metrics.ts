import { statusOfAlert } from '#core/metrics/alert.ts';
import { changeMetric, newMetric } from '#core/metrics/versions.ts';
import { ulidOf } from '#core/ulid.ts';
import { pageParamsSchema } from '#schemas/api.ts';
import {
  type Metric,
  metricPreviewSchema,
  metricsSchema,
  metricValuesQuerySchema,
  metricValuesSchema,
  metricViewSchema,
  newMetricSchema,
} from '#schemas/insights/metrics.ts';
import type { MetricAlertStatus } from '#schemas/insights/metric-alert.ts';
import type { Page } from '#schemas/catalog.ts';
import type { Access } from '../../access.ts';
import type { ApiDeps } from '../../deps.ts';
import { checkLimit, checkName, ownerLimits } from '../../limits.ts';
import { previewMetric } from '../../metrics/preview-metric.ts';
import { readMetricValues } from '../../metrics/read-values.ts';
import { checkMetric, toMetricView, toSharedMetricView } from '../../metrics/write-metric.ts';
import type { Principal } from '../../principal.ts';
import { notFound, tooManyRequests } from '../../problem.ts';
import { pageSubject } from '../../reports/subject.ts';
import { createRouter } from '../create-router.ts';
import { defineRoute } from '../define-route.ts';
import {
  changedResponses,
  createdResponses,
  idOfPageParams,
  jsonBody,
  okResponses,
  removedResponses,
} from '../responses.ts';

/** Custom metrics of a page, for everyone who can see it; for a share, those that its owner has ticked. */
export function metricRoutes(deps: ApiDeps, access: Access) {
  /** @throws {Problem} 429 */
  async function checkRate({ path }: Page): Promise<void> {
    if (!(await deps.metricRate(`metrics ${path}`))) throw tooManyRequests(secondsOfHour);
  }
  function isShown(principal: Principal, { id }: Metric): boolean {
    return principal.kind !== 'share' || principal.share.metrics.includes(id);
  }
  function viewFor(principal: Principal): typeof toMetricView {
    return principal.kind === 'share' ? toSharedMetricView : toMetricView;
  }
  async function readAlert(path: string, metric: Metric): Promise<MetricAlertStatus | null> {
    if (metric.alert === null) return null;
    return statusOfAlert(metric, await deps.metricAlerts.state(path, metric.id));
  }
  return createRouter()
    .openapi(listMetrics(), async (c) => {
      const { principal } = c.var;
      const page = await access.statistics(principal, `/${c.req.valid('param').page}`);
      const metrics = (await deps.metrics.list(page.path)).filter((metric) => isShown(principal, metric));
      const rows = metrics.toSorted((a, b) => a.name.localeCompare(b.name)).map(viewFor(principal));
      return c.json({ rows }, 200);
    })
    .openapi(createMetric(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const body = c.req.valid('json');
      checkMetric(body);
      const metrics = await deps.metrics.list(page.path);
      checkName('metric', metrics, body.name);
      checkLimit('metrics of a page', metrics.length, ownerLimits.metricsOfPage);
      await checkRate(page);
      const metric = newMetric(ulidOf(deps.now(), deps.random(16)), body, new Date(deps.now()).toISOString());
      await deps.metrics.put(page.path, metric);
      return c.json(toMetricView(metric), 201);
    })
    .openapi(putMetric(), async (c) => {
      const { page: name, id } = c.req.valid('param');
      const page = await access.page(c.var.principal, `/${name}`);
      const body = c.req.valid('json');
      checkMetric(body);
      const metrics = await deps.metrics.list(page.path);
      checkName('metric', metrics, body.name, id);
      const changed = changeMetric(pickMetric(metrics, id), body, new Date(deps.now()).toISOString());
      await checkRate(page);
      if (!(await deps.metrics.replace(page.path, changed))) throw notFound('Metric');
      return c.json(toMetricView(changed), 200);
    })
    .openapi(removeMetric(), async (c) => {
      const { page, id } = c.req.valid('param');
      const { path } = await access.page(c.var.principal, `/${page}`);
      if (!(await deps.metrics.remove(path, id))) throw notFound('Metric');
      await deps.metricAlerts.remove(path, id);
      return c.body(null, 204);
    })
    .openapi(preview(), async (c) => {
      const page = await access.page(c.var.principal, `/${c.req.valid('param').page}`);
      const body = c.req.valid('json');
      checkMetric(body);
      await checkRate(page);
      return c.json(await previewMetric(deps, pageSubject(page), body), 200);
    })
    .openapi(getMetricValues(), async (c) => {
      const { principal } = c.var;
      const { page: name, id } = c.req.valid('param');
      const page = await access.statistics(principal, `/${name}`);
      const metric = pickMetric(await deps.metrics.list(page.path), id);
      if (!isShown(principal, metric)) throw notFound('Metric');
      const request = {
        page: pageSubject(page),
        metric,
        view: viewFor(principal)(metric),
        alert: principal.kind === 'share' ? null : await readAlert(page.path, metric),
        query: c.req.valid('query'),
      };
      return c.json(await readMetricValues(deps, request), 200);
    });
}

/** @throws {Problem} 404 */
function pickMetric(metrics: readonly Metric[], id: string): Metric {
  const metric = metrics.find((each) => each.id === id);
  if (metric === undefined) throw notFound('Metric');
  return metric;
}

const secondsOfHour = 3_600;

const tags = ['metrics'];

function listMetrics() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/metrics',
    tags,
    operationId: 'listMetrics',
    summary:
      'List the custom metrics of a page. A share link sees those that its owner has ticked, without their formulas',
    request: { params: pageParamsSchema },
    responses: okResponses('Metrics by name', metricsSchema),
  });
}

function createMetric() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/pages/{page}/metrics',
    tags,
    operationId: 'createMetric',
    summary: 'Define a metric: measures of events, a formula over them, a goal and an alert',
    request: { params: pageParamsSchema, body: jsonBody(newMetricSchema) },
    responses: createdResponses('The metric', metricViewSchema),
  });
}

function putMetric() {
  return defineRoute('pageUsers', {
    method: 'put',
    path: '/pages/{page}/metrics/{id}',
    tags,
    operationId: 'putMetric',
    summary: 'Replace the definition of a metric. Other measures, formula, unit or currency begin a new version',
    request: { params: idOfPageParams, body: jsonBody(newMetricSchema) },
    responses: changedResponses('The metric', metricViewSchema),
  });
}

function removeMetric() {
  return defineRoute('pageUsers', {
    method: 'delete',
    path: '/pages/{page}/metrics/{id}',
    tags,
    operationId: 'removeMetric',
    summary: 'Delete a metric',
    request: { params: idOfPageParams },
    responses: removedResponses('Deleted'),
  });
}

function preview() {
  return defineRoute('pageUsers', {
    method: 'post',
    path: '/pages/{page}/metrics/preview',
    tags,
    operationId: 'previewMetric',
    summary: 'Compute a definition for the last 28 days without saving it, and see what it costs',
    request: { params: pageParamsSchema, body: jsonBody(newMetricSchema) },
    responses: okResponses('Its values and its price', metricPreviewSchema),
  });
}

function getMetricValues() {
  return defineRoute('pageUsersAndShares', {
    method: 'get',
    path: '/pages/{page}/metrics/{id}/values',
    tags,
    operationId: 'getMetricValues',
    summary: 'Get a metric by day, week or month, with its total, its goal and its alert',
    request: { params: idOfPageParams, query: metricValuesQuerySchema },
    responses: okResponses('Values, and how fresh and complete they are', metricValuesSchema),
  });
}
