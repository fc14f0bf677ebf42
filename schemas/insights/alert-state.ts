import { z } from 'zod';

/** Alert state of one metric of a page: the shape of `AlertState` in core/detect/alert-state.ts. */
export const metricStateSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('calm'),
    through: z.string(),
    last: z.object({ lastAlert: z.string() }).exactOptional(),
  }),
  z.object({
    kind: z.literal('open'),
    through: z.string(),
    direction: z.enum(['drop', 'surge']),
    since: z.string(),
    usual: z.number(),
    lastAlert: z.string(),
    quietDays: z.number(),
    relapsed: z.boolean(),
  }),
]);
