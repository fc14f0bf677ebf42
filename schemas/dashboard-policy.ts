interface DashboardPolicy {
  /** Other origins that it sends requests to: the issuer's. */
  connect: readonly string[];
  /** Origins of the sites that may show it in a frame. */
  ancestors: readonly string[];
}

/**
 * Returns the content security policy of the dashboard: no inline scripts and nothing from other origins; `blob:` and
 * `data:` are images that it draws.
 */
export function dashboardPolicy({ connect, ancestors }: DashboardPolicy): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    ["connect-src 'self'", ...connect].join(' '),
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
  ].join('; ');
}
