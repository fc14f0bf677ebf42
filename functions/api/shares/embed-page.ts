import type { Context } from 'hono';
import { dashboardPolicy } from '#schemas/edge-headers.ts';
import type { ApiDeps } from '../deps.ts';

/** Where a share is embedded, without its token: `/app/embed/<id>#<token>`. */
export const embedPath = '/app/embed';

const idPattern = /^[A-Za-z0-9_-]{16}$/;

/**
 * Answers with the dashboard, which the sites of the share may show in a frame, and no others. The fragment with the token
 * never reaches a server, so the path names the share. An unknown one is framed by nobody, as is one that names no sites.
 */
export async function serveEmbeddedShare({ shares, dashboardHtml }: ApiDeps, c: Context): Promise<Response> {
  const id = c.req.param('id') ?? '';
  const [html, share] = await Promise.all([dashboardHtml(), idPattern.test(id) ? shares.get(id) : undefined]);
  return c.html(html, 200, {
    'content-security-policy': dashboardPolicy({ connect: [], ancestors: share?.embedOrigins ?? [] }),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cache-control': 'no-store',
  });
}
