import { historyImportRoutes } from './routes/history/imports.ts';
import { pullRoutes } from './routes/history/pulls.ts';
import { homeRoutes } from './routes/home.ts';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import { StoreUnavailable } from '#stores/errors.ts';
import { checkInput } from './check-input.ts';
import { createAccess } from './access.ts';
import { tagChanges } from './conditional.ts';
import type { ApiDeps } from './deps.ts';
import { idempotent } from './idempotent.ts';
import { unlockLink } from './links/unlock-link.ts';
import { checkScope, createPrincipals } from './principal.ts';
import { invalidRequest, notFound, Problem, problemResponse, tooManyRequests, unavailable } from './problem.ts';
import { referencePage, referencePolicy } from './reference/reference-page.ts';
import { agencyRoutes } from './routes/agencies.ts';
import { channelRoutes } from './routes/channels.ts';
import { campaignRoutes, publicCampaignRoutes } from './routes/campaigns.ts';
import { createRouter } from './routes/create-router.ts';
import { detectionRoutes } from './routes/detection.ts';
import { erasureRoutes } from './routes/erasures.ts';
import { exportRoutes } from './routes/exports.ts';
import { funnelRoutes } from './routes/insights/funnels.ts';
import { retentionRoutes } from './routes/insights/retention.ts';
import { ingestKeyRoutes } from './routes/ingest-keys.ts';
import { keyRoutes } from './routes/keys.ts';
import { linkRoutes } from './routes/links.ts';
import { meRoutes } from './routes/me.ts';
import { pageRoutes } from './routes/pages.ts';
import { reclassifyRoutes } from './routes/reclassify.ts';
import { reportRoutes } from './routes/reports.ts';
import { metricRoutes } from './routes/insights/metrics.ts';
import { savedRoutes } from './routes/saved.ts';
import { publicShareRoutes, shareRoutes } from './routes/shares.ts';
import { embedPath, serveEmbeddedShare } from './shares/embed-page.ts';
import { userRoutes } from './routes/users.ts';

/** For a typed client: `hc<AppType>(url)`. */
export type AppType = ReturnType<typeof createApp>;

const base = '/api/v1';
const rateWindowSeconds = 60;

/** Returns the API under `/api/v1` as a fetch-style application. */
export function createApp(deps: ApiDeps) {
  const access = createAccess(deps);
  const principalOf = createPrincipals(deps);
  const app = createRouter();

  app.onError((error, c) => {
    const problem = toProblem(error);
    // The route, not the path: a path may hold a share token.
    if (problem.status >= 500)
      deps.log.error('request failed', { route: routePath(c, -1), error: problem.cause ?? problem });
    return problemResponse(c, problem);
  });
  app.notFound((c) => problemResponse(c, notFound('Route')));

  app.use(`${base}/*`, async (c, next) => {
    await next();
    // Browsers cache responses, and revalidate them with the etag each time.
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'private, no-cache');
    c.header('x-content-type-options', 'nosniff');
  });
  app.use(`${base}/*`, etag());
  app.use(`${base}/*`, tagChanges());
  addReference(app, deps.addresses.publicUrl);
  // For browsers, not for clients: a form of the password page, which answers with HTML.
  app.post(`${base}/links/:code/unlock`, (c) => unlockLink(deps, c));
  app.get(`${embedPath}/:id`, (c) => serveEmbeddedShare(deps, c));

  const routes = app.route(base, publicShareRoutes(deps, access)).route(base, publicCampaignRoutes(deps));
  routes.use(`${base}/*`, async (c, next) => {
    const principal = await principalOf(c.req.header('authorization'));
    if (!(await deps.rate(principal.id))) throw tooManyRequests(rateWindowSeconds);
    checkScope(principal, c.req.method, c.req.path);
    c.set('principal', principal);
    await next();
  });
  routes.use(`${base}/*`, checkInput());
  routes.use(`${base}/*`, idempotent(deps.idempotency, access));

  return routes
    .route(base, meRoutes(access))
    .route(base, userRoutes(deps, access))
    .route(base, linkRoutes(deps, access))
    .route(base, pageRoutes(deps, access))
    .route(base, reportRoutes(deps, access))
    .route(base, retentionRoutes(deps, access))
    .route(base, funnelRoutes(deps, access))
    .route(base, detectionRoutes(deps, access))
    .route(base, reclassifyRoutes(deps, access))
    .route(base, shareRoutes(deps, access))
    .route(base, savedRoutes(deps, access))
    .route(base, metricRoutes(deps, access))
    .route(base, channelRoutes(deps, access))
    .route(base, ingestKeyRoutes(deps, access))
    .route(base, keyRoutes(deps, access))
    .route(base, campaignRoutes(deps, access))
    .route(base, agencyRoutes(deps, access))
    .route(base, homeRoutes(deps, access))
    .route(base, exportRoutes(deps, access))
    .route(base, historyImportRoutes(deps, access))
    .route(base, pullRoutes(deps, access))
    .route(base, erasureRoutes(deps, access));
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable) return unavailable('A data store is unavailable. Try again shortly.', error);
  if (error instanceof HTTPException && error.status < 500)
    return invalidRequest([{ field: 'body', value: null, allowed: 'JSON, with `content-type: application/json`' }]);
  return new Problem(500, 'internal', 'Internal error', 'The request failed because of an error in Hopcount.', {
    cause: error,
  });
}

const description =
  'Statistics of links and pages. Counters include an event seconds after it happened; settled hours are exact, and every response says how fresh it is.';

/** In the order of the reference. */
const tags = [
  'links',
  'pages',
  'statistics',
  'alerts and forecasts',
  'annotations and segments',
  'metrics',
  'funnels',
  'campaigns',
  'agencies',
  'shares',
  'reclassification',
  'exports',
  'imports of history',
  'account',
  'keys',
  'users',
  'erasures',
];

function addReference(app: ReturnType<typeof createRouter>, publicUrl: string): void {
  const document = {
    openapi: '3.1.0',
    info: { title: 'Hopcount', version: '1', description },
    tags: tags.map((name) => ({ name })),
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
  };
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the OIDC issuer, or an API key (`hck_…`)',
  });
  app.doc31(`${base}/openapi.json`, document);
  let page: string | undefined;
  app.get(`${base}/reference`, (c) => {
    page ??= referencePage(app.getOpenAPI31Document(document));
    return c.html(page, 200, { 'content-security-policy': referencePolicy });
  });
}
