import { OAuth2Server } from 'oauth2-mock-server';

/** A real OIDC issuer on a free port; its tokens are signed and its keys published. */
export interface TestIdentityProvider {
  issuer: string;
  /** A token for the subject, valid for an hour; claims change or add to the usual ones, undefined removes one. */
  token: (subject: string, claims?: Record<string, unknown>) => Promise<string>;
  stop: () => Promise<void>;
}

export const testAudience = 'hopcount';

export async function startIdentityProvider(): Promise<TestIdentityProvider> {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const issuer = server.issuer.url;
  if (issuer === undefined) throw new Error('the identity provider has no address');
  return {
    issuer,
    token: (subject, claims = {}) =>
      server.issuer.buildToken({
        scopesOrTransform: (_, payload) => {
          Object.assign(payload, { sub: subject, aud: testAudience }, claims);
        },
      }),
    stop: () => server.stop(),
  };
}
