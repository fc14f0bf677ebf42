import { z } from 'zod';
import { basePath, navigate } from '../router/location.ts';
import { type Configuration } from './configuration.ts';
import {
  discoverIssuer,
  finishSignIn,
  type IssuerMetadata,
  metadataSchema,
  pendingSignInSchema,
  refreshTokens,
  SignInRefused,
  signOutUrl,
  startSignIn,
  type Tokens,
} from './oidc.ts';

/** The user's session in this tab: tokens in memory, the refresh token in `sessionStorage`. */
export interface Session {
  signedIn(): boolean;
  /** Returns an id token that is valid for at least another minute. @throws {SignInRefused} */
  token(): Promise<string>;
  /** Opens the issuer's sign-in page. */
  signIn(): Promise<void>;
  signOut(): Promise<void>;
}

const pendingKey = 'hopcount.sign-in';
const refreshKey = 'hopcount.refresh';

/** Milliseconds before its expiry at which a token is renewed. */
const renewalMargin = 60_000;

export interface SessionOptions {
  configuration: Configuration;
  storage: Storage;
  now: () => number;
}

/** Finishes a sign-in, or restores the session from the refresh token. @throws {SignInRefused} if a sign-in failed */
export async function openSession({ configuration, storage, now }: SessionOptions): Promise<Session> {
  let tokens: Tokens | undefined;
  let renewing: Promise<Tokens> | undefined;
  const issuer = createIssuerCache(configuration, storage);

  function keep(next: Tokens): Tokens {
    tokens = next;
    if (next.refreshToken !== undefined) storage.setItem(refreshKey, next.refreshToken);
    return next;
  }
  function forget(): void {
    tokens = undefined;
    storage.removeItem(refreshKey);
  }
  async function renew(): Promise<Tokens> {
    const refreshToken = storage.getItem(refreshKey);
    if (refreshToken === null) throw new SignInRefused('the session has ended');
    try {
      return keep(await refreshTokens({ configuration, metadata: await issuer.read(), now: now() }, refreshToken));
    } catch (cause) {
      // The issuer's endpoints may have changed.
      issuer.clear();
      if (cause instanceof SignInRefused) forget();
      throw cause;
    }
  }
  async function finish(redirect: URLSearchParams): Promise<void> {
    const pending = takePendingSignIn(storage);
    if (pending === undefined) return navigate('/', { replace: true });
    keep(await finishSignIn({ configuration, metadata: await issuer.read(), now: now() }, pending, redirect));
    navigate(pending.returnTo, { replace: true });
  }

  const query = new URLSearchParams(window.location.search);
  if (query.has('state') && (query.has('code') || query.has('error'))) await finish(query);
  else if (storage.getItem(refreshKey) !== null)
    // If the refresh token was rejected, the user signs in again.
    await renew().catch((cause: unknown) => {
      if (!(cause instanceof SignInRefused)) throw cause;
    });

  return {
    signedIn: () => tokens !== undefined,
    token: async () => {
      if (tokens !== undefined && tokens.expiresAt - renewalMargin > now()) return tokens.idToken;
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      return (await renewing).idToken;
    },
    signIn: async () => {
      const { pathname, search, hash, origin } = window.location;
      // The issuer knows the stack's own address only.
      if (configuration.url !== undefined && configuration.url !== origin)
        return window.location.assign(configuration.url + pathname + search + hash);
      const returnTo = pathname.slice(basePath.length) + search + hash || '/';
      const { pending, url } = await startSignIn(configuration, await issuer.read(), returnTo);
      storage.setItem(pendingKey, JSON.stringify(pending));
      window.location.assign(url);
    },
    signOut: async () => {
      const idToken = tokens?.idToken ?? '';
      forget();
      const metadata = await issuer.read().catch(() => undefined);
      window.location.assign((metadata && signOutUrl(configuration, metadata, idToken)) ?? `${basePath}/`);
    },
  };
}

const issuerKey = 'hopcount.issuer';

const cachedIssuerSchema = z.object({ issuer: z.string(), metadata: metadataSchema });

/** Keeps the issuer's metadata in the tab's storage, which saves a reload one round trip. */
function createIssuerCache(configuration: Configuration, storage: Storage) {
  function readCached(): IssuerMetadata | undefined {
    const text = storage.getItem(issuerKey);
    const parsed = text === null ? undefined : cachedIssuerSchema.safeParse(JSON.parse(text));
    return parsed?.success && parsed.data.issuer === configuration.issuer ? parsed.data.metadata : undefined;
  }
  async function discover(): Promise<IssuerMetadata> {
    const metadata = await discoverIssuer(configuration);
    storage.setItem(issuerKey, JSON.stringify({ issuer: configuration.issuer, metadata }));
    return metadata;
  }
  return {
    read: async (): Promise<IssuerMetadata> => readCached() ?? discover(),
    clear: (): void => storage.removeItem(issuerKey),
  };
}

function takePendingSignIn(storage: Storage) {
  const text = storage.getItem(pendingKey);
  storage.removeItem(pendingKey);
  const parsed = text === null ? undefined : pendingSignInSchema.safeParse(JSON.parse(text));
  return parsed?.success ? parsed.data : undefined;
}
