/**
 * Replaces `@aws-sdk/credential-provider-node` in the bundles of the edge functions (schemas/bundling.ts). Lambda always
 * passes the role's credentials in these variables; the SDK's full chain (SSO, profiles, instance metadata, STS) would add
 * 130 KB and 20 ms to every cold start.
 */
export function defaultProvider() {
  return () =>
    Promise.resolve({
      accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
      ...(process.env['AWS_SESSION_TOKEN'] === undefined ? {} : { sessionToken: process.env['AWS_SESSION_TOKEN'] }),
    });
}
