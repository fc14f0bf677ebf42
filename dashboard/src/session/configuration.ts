import { z } from 'zod';

/** The file that the deployment writes: the OIDC issuer, the dashboard's client id there, and the stack's own address. */
const configurationSchema = z.object({ issuer: z.url(), clientId: z.string().min(1), url: z.url().exactOptional() });
export type Configuration = z.infer<typeof configurationSchema>;

/** @throws {Error} if the file is missing or invalid */
export async function loadConfiguration(): Promise<Configuration> {
  // The same options as the preload in index.html, so that the file is requested once.
  const response = await fetch('/app/config.json');
  if (!response.ok) throw new Error(`Couldn’t load /app/config.json (status ${response.status}). Try again.`);
  return configurationSchema.parse(await response.json());
}
