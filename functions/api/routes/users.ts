import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { listQuery } from '#schemas/api/listing.ts';
import {
  invitationSchema,
  invitedSchema,
  listedUserSchema,
  userChangeSchema,
  usersSchema,
} from '#schemas/api/users.ts';
import type { User } from '#schemas/catalog.ts';
import { invitationEnd, type InvitationRecord } from '#stores/catalog/invitations.ts';
import type { Access } from '../access.ts';
import { toListing, parseCursor } from '../listing.ts';
import type { ApiDeps } from '../deps.ts';
import { inviteUser } from '../users/invite.ts';
import { removeUser, withdrawInvitation } from '../users/remove-user.ts';
import { invalidRequest, notFound } from '../problem.ts';
import { okResponses, jsonBody, createdResponses, removedResponses } from './responses.ts';
import { createRouter } from './create-router.ts';

const userParams = z.object({ subject: z.string().min(1).max(320) });
const tags = ['users'];

const list = createRoute({
  method: 'get',
  path: '/users',
  tags,
  operationId: 'listUsers',
  summary: 'Users and their roles, invitations first',
  request: { query: z.strictObject(listQuery) },
  responses: okResponses('Users by subject', usersSchema),
});
const invite = createRoute({
  method: 'post',
  path: '/users',
  tags,
  operationId: 'inviteUser',
  summary: 'Invite somebody by mail, or invite them again: who signs in with the address becomes the user',
  request: { body: jsonBody(invitationSchema) },
  responses: createdResponses('The invitation', invitedSchema),
});
const change = createRoute({
  method: 'patch',
  path: '/users/{subject}',
  tags,
  operationId: 'changeUser',
  summary: 'Change the role of a user',
  request: { params: userParams, body: jsonBody(userChangeSchema) },
  responses: okResponses('The user', listedUserSchema),
});
const remove = createRoute({
  method: 'delete',
  path: '/users/{subject}',
  tags,
  operationId: 'removeUser',
  summary: 'Remove a user with their keys and their account, or take an invitation back',
  request: { params: userParams },
  responses: removedResponses('Removed'),
});

const pendingPrefix = 'invited:';

export function userRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(list, async (c) => {
      access.admin(c.var.principal);
      const { cursor, limit } = c.req.valid('query');
      const [after] = parseCursor(cursor);
      const invitations = after === undefined ? await deps.invitations.list(deps.now()) : [];
      const users = await deps.catalog.listUsersAfter(after, limit + 1);
      const { rows, next } = toListing(users, limit, ({ subject }) => subject);
      return c.json({ rows: [...invitations.map(pending), ...rows.map(settled)], next }, 200);
    })
    .openapi(invite, async (c) => {
      access.admin(c.var.principal);
      const body = c.req.valid('json');
      checkRole(body);
      const { invitation, mailed } = await inviteUser(deps, body);
      return c.json({ ...pending(invitation), mailed }, 201);
    })
    .openapi(change, async (c) => {
      const admin = access.admin(c.var.principal);
      const { subject } = c.req.valid('param');
      const { role, agency, pages } = c.req.valid('json');
      if (subject === admin.subject) ownSubject(subject);
      const user = await deps.catalog.getUser(subject);
      if (user === undefined) throw notFound();
      const changed = {
        ...user,
        role: role ?? user.role,
        agency: agency === undefined ? user.agency : agency,
        pages: pages ?? user.pages,
      };
      checkRole(changed);
      if (!(await deps.catalog.replaceUser(changed))) throw notFound();
      return c.json(settled(changed), 200);
    })
    .openapi(remove, async (c) => {
      const admin = access.admin(c.var.principal);
      const { subject } = c.req.valid('param');
      if (subject === admin.subject) ownSubject(subject);
      if (subject.startsWith(pendingPrefix)) await withdrawInvitation(deps, subject.slice(pendingPrefix.length));
      else await removeUser(deps, subject);
      return c.body(null, 204);
    });
}

function pending({ email, role, agency, pages, invitedAt }: InvitationRecord) {
  return {
    subject: `${pendingPrefix}${email}`,
    email,
    role,
    agency,
    pages,
    invitedAt,
    expiresAt: new Date(invitationEnd({ invitedAt })).toISOString(),
    pending: true,
  };
}

function settled(user: User) {
  return { ...user, invitedAt: null, expiresAt: null, pending: false };
}

/** An agency without its name, or a name without the role, would see nothing or too much. */
function checkRole({ role, agency }: Pick<User, 'role' | 'agency'>): void {
  if (role === 'agency' && agency === null)
    throw invalidRequest([{ field: 'agency', value: null, allowed: 'the id of an agency, for the role agency' }]);
}

function ownSubject(subject: string): never {
  throw invalidRequest([{ field: 'subject', value: subject, allowed: 'somebody other than yourself' }]);
}
