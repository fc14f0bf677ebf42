import { z } from 'zod';

const count = z.int().min(0);

/** `GET /pages/{page}/realtime`: the last 30 minutes, oldest first; the last one is still running. */
export const realtimeSchema = z
  .object({
    minutes: z
      .array(z.object({ start: z.iso.datetime(), views: count, clicks: count }))
      .meta({ description: '30 of them' }),
    asOf: z.iso.datetime(),
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'Realtime' });
export type Realtime = z.infer<typeof realtimeSchema>;
