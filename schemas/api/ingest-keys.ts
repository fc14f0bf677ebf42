import { z } from 'zod';
import { ingestKeySchema } from '../catalog.ts';

export const newIngestKeySchema = z
  .strictObject({ label: ingestKeySchema.shape.label.min(1).meta({ description: 'What sends: `Shop server`' }) })
  .meta({ id: 'NewIngestKey' });

export const ingestKeyViewSchema = ingestKeySchema
  .pick({ id: true, label: true, createdAt: true })
  .meta({ id: 'IngestKey' });
export type IngestKeyView = z.infer<typeof ingestKeyViewSchema>;

export const ingestKeysSchema = z.object({ rows: z.array(ingestKeyViewSchema) }).meta({ id: 'IngestKeys' });

export const createdIngestKeySchema = ingestKeyViewSchema
  .extend({ secret: z.string().meta({ description: 'The key. Shown once; only its hash is stored' }) })
  .meta({ id: 'CreatedIngestKey' });
