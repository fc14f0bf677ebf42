import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { StoreUnavailable } from '#stores/errors.ts';
import { createAccess } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { idempotent } from './idempotent.ts';
import { checkScope, createPrincipals } from './principal.ts';
import { invalidRequest, notFound, Problem, problemResponse, tooManyRequests, unavailable } from './problem.ts';
import { referencePage, referencePolicy } from './reference-page.ts';
import { agencyRoutes } from './routes/agencies.ts';
import { campaignRoutes } from './routes/campaigns.ts';
import { erasureRoutes } from './routes/erasures.ts';
import { exportRoutes } from './routes/exports.ts';
import { keyRoutes } from './routes/keys.ts';
import { linkRoutes } from './routes/links.ts';
import { meRoutes } from './routes/me.ts';
import { createRouter } from './routes/create-router.ts';
import { detectionRoutes } from './routes/detection.ts';
import { pageNumberRoutes } from './routes/page-numbers.ts';
import { pageRoutes } from './routes/pages.ts';
import { reclassifyRoutes } from './routes/reclassify.ts';
import { publicShareRoutes, shareRoutes } from './routes/shares.ts';
import { userRoutes } from './routes/users.ts';

const base = '/api/v1';
const rateWindowSeconds = 60;

const description = `Counts of links and pages. Every number says how fresh it is: hot counters follow the events within
seconds, settled hours are exact. Errors are problem details (RFC 9457). Lists are read with \`cursor\`; a POST with an
\`idempotency-key\` is done once; answers carry an \`etag\`.`;

const info = { title: 'Hopcount', version: '1', description };
const security = [{ token: [] }];

/** For a typed client: `hc<AppType>(url)`. */
export type AppType = ReturnType<typeof createApp>;

/** The API under `/api/v1`, as a fetch-style application. */
export function createApp(deps: ApiDeps) {
  const access = createAccess(deps.catalog);
  const principalOf = createPrincipals(deps);
  const app = createRouter();

  app.onError((error, c) => {
    const problem = problemOf(error);
    if (problem.status >= 500) deps.log.error('request failed', { path: c.req.path, error: problem.cause ?? problem });
    return problemResponse(c, problem);
  });
  app.notFound((c) => problemResponse(c, notFound()));

  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the issuer, or a key that begins with `hck_`.',
  });
  app.use(`${base}/*`, async (c, next) => {
    await next();
    // Kept by the browser, and asked for again each time.
    c.header('cache-control', 'private, no-cache');
    c.header('x-content-type-options', 'nosniff');
  });
  app.use(`${base}/*`, etag());
  app.doc31(`${base}/openapi.json`, { openapi: '3.1.0', info, security });
  app.get(`${base}/reference`, (c) => {
    const document = app.getOpenAPI31Document({ openapi: '3.1.0', info, security });
    return c.html(referencePage(document), 200, { 'content-security-policy': referencePolicy });
  });

  const routes = app.route(base, publicShareRoutes(deps, access));
  routes.use(`${base}/*`, async (c, next) => {
    const principal = await principalOf(c.req.header('authorization'));
    if (!(await deps.rate(principal.id))) throw tooManyRequests(rateWindowSeconds);
    checkScope(principal, c.req.method, c.req.path);
    c.set('principal', principal);
    await next();
  });
  routes.use(`${base}/*`, idempotent(deps.idempotency));

  return routes
    .route(base, meRoutes(access))
    .route(base, userRoutes(deps, access))
    .route(base, linkRoutes(deps, access))
    .route(base, pageRoutes(deps, access))
    .route(base, pageNumberRoutes(deps, access))
    .route(base, detectionRoutes(deps, access))
    .route(base, reclassifyRoutes(deps, access))
    .route(base, shareRoutes(deps, access))
    .route(base, keyRoutes(deps, access))
    .route(base, campaignRoutes(deps, access))
    .route(base, agencyRoutes(deps, access))
    .route(base, exportRoutes(deps, access))
    .route(base, erasureRoutes(deps, access));
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable) return unavailable('A store does not answer at the moment.', error);
  if (error instanceof HTTPException && error.status < 500)
    return invalidRequest([{ field: 'body', value: null, allowed: 'JSON, with content-type application/json' }]);
  return new Problem(500, 'internal', 'This is our fault', 'The request could not be answered.', { cause: error });
}
