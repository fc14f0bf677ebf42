import { z } from 'zod';
import { sendRequest } from '#cli/http-request.ts';

const discoverySchema = z.object({ token_endpoint: z.url() });

/** Reads where an OIDC issuer gives out tokens. @throws {Error} if it has no discovery document */
export async function readTokenEndpoint(issuer: string): Promise<string> {
  const { status, body } = await sendRequest(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (status !== 200) throw new Error(`${issuer} has no discovery document (status ${status})`);
  return discoverySchema.parse(JSON.parse(body)).token_endpoint;
}
