import { z } from 'zod';
import { freshnessSecondsSchema } from '../api.ts';

const count = z.int().min(0);

export const realtimeSchema = z
  .object({
    minutes: z
      .array(z.object({ start: z.iso.datetime(), views: count, clicks: count }))
      .meta({ description: 'The last 30 minutes, oldest first. The last one is still running' }),
    asOf: z.iso.datetime(),
    freshnessSeconds: freshnessSecondsSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'Realtime' });
export type Realtime = z.infer<typeof realtimeSchema>;
