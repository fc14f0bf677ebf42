import { z } from 'zod';
import { statsSchema } from '../api.ts';

export const campaignParamsSchema = z.object({
  id: z.string().min(1).max(128).meta({ description: 'Campaign label of the links', example: 'spring' }),
});

export const campaignMetricsSchema = z
  .object({
    campaign: z.string(),
    links: z
      .array(z.object({ code: z.string(), title: z.string().nullable(), page: z.string(), clicks: z.int().min(0) }))
      .meta({ description: 'At most 200 links, most clicks first' }),
    stats: statsSchema,
  })
  .meta({ id: 'CampaignMetrics' });
export type CampaignMetrics = z.infer<typeof campaignMetricsSchema>;
