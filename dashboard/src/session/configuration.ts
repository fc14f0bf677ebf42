import { z } from 'zod';

/** What the deployment writes beside the dashboard: who signs tokens, and for whom. */
const configurationSchema = z.object({ issuer: z.url(), clientId: z.string().min(1) });
export type Configuration = z.infer<typeof configurationSchema>;

/** @throws {Error} when the file is not there or is damaged */
export async function loadConfiguration(): Promise<Configuration> {
  // As index.html preloads it: another mode would ask twice. The file itself says that it is to be asked for each time.
  const answer = await fetch('/app/config.json');
  if (!answer.ok) throw new Error(`/app/config.json answered ${answer.status}`);
  return configurationSchema.parse(await answer.json());
}
