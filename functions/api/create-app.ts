import { StoreUnavailable } from '#stores/errors.ts';
import { createAccess } from './access.ts';
import type { ApiDependencies } from './dependencies.ts';
import { notFound, Problem, problemResponse, unavailable } from './problem.ts';
import { linkRoutes } from './routes/links.ts';
import { meRoutes } from './routes/me.ts';
import { newRouter } from './routes/new-router.ts';
import { pageRoutes } from './routes/pages.ts';

const documentPath = '/api/v1/openapi.json';

const description = `Counts of links and pages. Every number says how fresh it is: hot counters follow the events within
seconds, settled hours are exact. Errors are problem details (RFC 9457).`;

const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable) return unavailable('The counters cannot be read at the moment.', error);
  return new Problem(500, 'internal', 'This is our fault', 'The request could not be answered.', { cause: error });
};

/** The API under `/api/v1`, as a fetch-style application. */
export const createApp = (dependencies: ApiDependencies) => {
  const { identify, log } = dependencies;
  const access = createAccess(dependencies.catalog);
  const app = newRouter();

  app.onError((error, c) => {
    const problem = problemOf(error);
    if (problem.status >= 500) log.error('request failed', { path: c.req.path, error: problem.cause ?? problem });
    return problemResponse(c, problem);
  });
  app.notFound((c) => problemResponse(c, notFound()));

  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  app.doc31(documentPath, {
    openapi: '3.1.0',
    info: { title: 'Hopcount', version: '1', description },
    security: [{ token: [] }],
  });

  app.use('/api/v1/*', async (c, next) => {
    c.set('subject', await identify(c.req.header('authorization')));
    await next();
    c.header('cache-control', 'private, no-store');
  });

  return app
    .route('/api/v1', meRoutes(access))
    .route('/api/v1', linkRoutes(dependencies, access))
    .route('/api/v1', pageRoutes(dependencies, access));
};

/** For a typed client: `hc<AppType>(url)`. */
export type AppType = ReturnType<typeof createApp>;
