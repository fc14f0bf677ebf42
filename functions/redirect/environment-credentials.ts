/**
 * Stands in for `@aws-sdk/credential-provider-node` in the edge's bundles (see schemas/bundling.ts). Lambda hands a
 * function its role's credentials in these variables and in no other way; the full chain (SSO, profiles, instance
 * metadata, STS) is 130 KB and 20 ms of every cold start.
 */
export function defaultProvider() {
  return () =>
    Promise.resolve({
      accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
      ...(process.env['AWS_SESSION_TOKEN'] === undefined ? {} : { sessionToken: process.env['AWS_SESSION_TOKEN'] }),
    });
}
