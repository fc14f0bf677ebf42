import { createRoute, type RouteConfig } from '@hono/zod-openapi';

/** Groups of callers. Each route names one; the access test calls every route as each kind of caller. */
export const callers = {
  everyone: 'Everyone',
  anyone: 'Anyone who has the share token',
  share: 'Share links',
  users: 'All users',
  pageUsers: 'Users with access to the page',
  pageUsersAndShares: 'Users with access to the page, and its share links',
  agencyUsers: 'Users of the agency, and admins',
  owners: 'Users with access to the page, or to the agency',
  pageCreators: 'Admins, and agencies for their own pages',
  admins: 'Admins',
} as const;

export type CallerGroup = keyof typeof callers;

type RouteDefinition = RouteConfig & { tags: string[]; operationId: string; summary: string };

/** Returns a route whose description in the API reference says who may call it. */
export function defineRoute<P extends string, R extends Omit<RouteDefinition, 'path'> & { path: P }>(
  group: CallerGroup,
  definition: R,
) {
  return createRoute<P, R>({ ...definition, description: `Callers: ${callers[group]}.`, 'x-callers': group });
}
