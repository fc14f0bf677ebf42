import { z } from 'zod';
import { statsSchema } from '../api.ts';

export const campaignParamsSchema = z.object({
  id: z.string().min(1).max(128).meta({ description: 'Label of the campaign on its links', example: 'spring' }),
});

/** `GET /campaigns/{id}/metrics`: over the links of the campaign that the caller may see. */
export const campaignMetricsSchema = z
  .object({
    campaign: z.string(),
    /** Links that are counted, most clicks first. */
    links: z.array(
      z.object({ code: z.string(), title: z.string().nullable(), page: z.string(), clicks: z.int().min(0) }),
    ),
    stats: statsSchema,
  })
  .meta({ id: 'CampaignMetrics' });
export type CampaignMetrics = z.infer<typeof campaignMetricsSchema>;
