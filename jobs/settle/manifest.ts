import { z } from 'zod';
import type { UtcHour } from '#core/settle/hours.ts';
import { manifestKey } from '#schemas/lake-keys.ts';
import type { SettleDeps } from './deps.ts';

const manifestSchema = z.object({
  run: z.string(),
  previous: z.string(),
  files: z.array(z.object({ key: z.string(), rows: z.number() })),
  unreadable: z.array(z.object({ key: z.string(), reason: z.string() })),
});
/** The raw files that a run was built from. */
export type Manifest = z.infer<typeof manifestSchema>;

export async function readManifest({ lake }: Pick<SettleDeps, 'lake'>, hour: UtcHour, run: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(Buffer.from(await lake.get(manifestKey(hour, run))).toString('utf8')));
}

export function writeManifest({ lake }: Pick<SettleDeps, 'lake'>, hour: UtcHour, manifest: Manifest): Promise<void> {
  return lake.put(manifestKey(hour, manifest.run), Buffer.from(JSON.stringify(manifest)));
}
