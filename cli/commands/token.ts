import { z } from 'zod';
import { roles } from '#schemas/catalog.ts';
import { defineCommand } from '#cli/command.ts';
import { fetchLocal } from '#cli/local-api.ts';
import { oneOf, optional, required, text } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';

const tokenSchema = z.object({ token: z.string() });

export const command = defineCommand({
  summary: 'Print a bearer token of the local issuer',
  details: `curl -H "authorization: Bearer $(npm run -s hopcount -- token --as admin)" <url>/api/v1/me`,
  options: {
    as: required(oneOf(roles), 'role of the user'),
    for: optional(text('<id>'), 'page of the creator, such as /ada, or id of the agency'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const query = new URLSearchParams({ as: values.as, ...(values.for !== undefined && { for: values.for }) });
    terminal.print(tokenSchema.parse(await fetchLocal(stack, `/token?${query}`)).token);
    return 0;
  },
});
