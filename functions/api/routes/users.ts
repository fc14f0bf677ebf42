import { z } from 'zod';
import { listQuery } from '#schemas/api/listing.ts';
import { invitationSchema, invitedSchema, userChangeSchema, usersSchema, userViewSchema } from '#schemas/api/users.ts';
import type { User } from '#schemas/catalog.ts';
import type { Access } from '../access.ts';
import { changeRecord, checkMatch } from '../conditional.ts';
import type { ApiDeps } from '../deps.ts';
import { readListing } from '../listing.ts';
import { invalidRequest, notFound } from '../problem.ts';
import { sendInvitation } from '../users/invite.ts';
import { deleteUser, withdrawInvitation } from '../users/remove-user.ts';
import { invitedPrefix, toInvitationView, toUserView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { changedResponses, createdResponses, jsonBody, okResponses, removedResponses } from './responses.ts';

export function userRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listUsers(), async (c) => {
      access.admin(c.var.principal);
      const query = c.req.valid('query');
      const invitations = query.cursor === undefined ? await deps.invitations.list(deps.now()) : [];
      const { rows, next } = await readListing(query, {
        readAfter: deps.catalog.listUsersAfter,
        keyOf: ({ subject }) => subject,
        toView: toUserView,
      });
      return c.json({ rows: [...invitations.map(toInvitationView), ...rows], next }, 200);
    })
    .openapi(inviteUser(), async (c) => {
      access.admin(c.var.principal);
      const body = c.req.valid('json');
      checkRole(body);
      await checkPages(deps, body.pages);
      const { invitation, mailed } = await sendInvitation(deps, body);
      return c.json({ ...toInvitationView(invitation), mailed }, 201);
    })
    .openapi(changeUser(), async (c) => {
      const { subject } = c.req.valid('param');
      checkIsOther(access.admin(c.var.principal), subject);
      const changed = await changeRecord({
        ifMatch: c.req.header('if-match'),
        read: async () => {
          const user = await deps.catalog.getUser(subject);
          if (user === undefined) throw notFound('User');
          return user;
        },
        toView: toUserView,
        change: async (user) => {
          const { role = user.role, agency = user.agency, pages = user.pages } = c.req.valid('json');
          checkRole({ role, agency });
          await checkPages(
            deps,
            pages.filter((path) => !user.pages.includes(path)),
          );
          return { ...user, role, agency, pages };
        },
        replace: deps.catalog.replaceUser,
      });
      return c.json(toUserView(changed), 200);
    })
    .openapi(removeUser(), async (c) => {
      const { subject } = c.req.valid('param');
      checkIsOther(access.admin(c.var.principal), subject);
      if (subject.startsWith(invitedPrefix)) await withdrawInvitation(deps, subject.slice(invitedPrefix.length));
      else {
        const user = await deps.catalog.getUser(subject);
        if (user) checkMatch(c.req.header('if-match'), toUserView(user));
        await deleteUser(deps, subject);
      }
      return c.body(null, 204);
    });
}

const tags = ['users'];
const userParams = z.object({
  subject: z
    .string()
    .min(1)
    .max(320)
    .meta({ description: 'Subject of a user, or `invited:<address>`', example: 'invited:grace@example.com' }),
});

function listUsers() {
  return defineRoute('admins', {
    method: 'get',
    path: '/users',
    tags,
    operationId: 'listUsers',
    summary: 'List pending invitations and users with their roles',
    request: { query: z.strictObject(listQuery) },
    responses: okResponses('Invitations, then users by subject', usersSchema),
  });
}

function inviteUser() {
  return defineRoute('admins', {
    method: 'post',
    path: '/users',
    tags,
    operationId: 'inviteUser',
    summary: 'Invite a user by mail for seven days, or invite them again',
    request: { body: jsonBody(invitationSchema) },
    responses: createdResponses('The invitation', invitedSchema),
  });
}

/** An agency user without an agency would see nothing. @throws {Problem} 400 */
function checkRole({ role, agency }: Pick<User, 'role' | 'agency'>): void {
  if (role === 'agency' && agency === null)
    throw invalidRequest([{ field: 'agency', value: null, allowed: 'the id of an agency if `role` is `agency`' }]);
}

/** A path without a page could become the page of another agency. @throws {Problem} 400 */
async function checkPages({ catalog }: Pick<ApiDeps, 'catalog'>, paths: readonly string[]): Promise<void> {
  const known = new Set((await catalog.getPages(paths)).map(({ path }) => path));
  const unknown = paths.find((path) => !known.has(path));
  if (unknown !== undefined)
    throw invalidRequest([{ field: 'pages', value: unknown, allowed: 'paths of pages that exist' }]);
}

function changeUser() {
  return defineRoute('admins', {
    method: 'patch',
    path: '/users/{subject}',
    tags,
    operationId: 'changeUser',
    summary: 'Change the role of a user',
    request: { params: userParams, body: jsonBody(userChangeSchema) },
    responses: changedResponses('The user', userViewSchema),
  });
}

/** The last admin cannot lock themselves out. @throws {Problem} 400 */
function checkIsOther(admin: User, subject: string): void {
  if (subject === admin.subject)
    throw invalidRequest([{ field: 'subject', value: subject, allowed: 'a user other than yourself' }]);
}

function removeUser() {
  return defineRoute('admins', {
    method: 'delete',
    path: '/users/{subject}',
    tags,
    operationId: 'removeUser',
    summary: 'Remove a user with their API keys and account, or withdraw an invitation',
    request: { params: userParams },
    responses: removedResponses('Removed'),
  });
}
