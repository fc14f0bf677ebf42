import { z } from 'zod';
import { basePath, navigate } from '../router/location.ts';
import { type Configuration } from './configuration.ts';
import {
  beginJourney,
  discover,
  type Endpoints,
  endJourney,
  endpointsSchema,
  journeySchema,
  refreshTokens,
  SignInRefused,
  signOutUrl,
  type Tokens,
} from './oidc.ts';

/** Who is signed in, for as long as the tab lives: tokens in memory, the refresh token in the tab's own storage. */
export interface Session {
  signedIn(): boolean;
  /** A token that is good for another minute at least. @throws {SignInRefused} */
  token(): Promise<string>;
  /** Leaves for the issuer. */
  signIn(): Promise<void>;
  signOut(): Promise<void>;
}

const journeyKey = 'hopcount.journey';
const refreshKey = 'hopcount.refresh';

/** Milliseconds before its end from which a token is renewed. */
const margin = 60_000;

export interface SessionOptions {
  configuration: Configuration;
  storage: Storage;
  now: () => number;
}

/** Starts from what the address or the tab's storage hold. @throws {SignInRefused} for a journey that failed */
export async function openSession({ configuration, storage, now }: SessionOptions): Promise<Session> {
  let tokens: Tokens | undefined;
  let renewing: Promise<Tokens> | undefined;
  const directory = createDirectory(configuration, storage);

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
      return keep(await refreshTokens(configuration, await directory.find(), refreshToken, now()));
    } catch (cause) {
      // It may have moved.
      directory.forget();
      if (cause instanceof SignInRefused) forget();
      throw cause;
    }
  }
  async function arrive(answer: URLSearchParams): Promise<void> {
    const journey = takeJourney(storage);
    if (journey === undefined) return navigate('/', { replace: true });
    keep(await endJourney(configuration, await directory.find(), journey, answer, now()));
    navigate(journey.returnTo, { replace: true });
  }

  const query = new URLSearchParams(window.location.search);
  if (query.has('state') && (query.has('code') || query.has('error'))) await arrive(query);
  else if (storage.getItem(refreshKey) !== null)
    // A refusal only means that somebody signs in again.
    await renew().catch((cause: unknown) => {
      if (!(cause instanceof SignInRefused)) throw cause;
    });

  return {
    signedIn: () => tokens !== undefined,
    token: async () => {
      if (tokens !== undefined && tokens.expiresAt - margin > now()) return tokens.idToken;
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      return (await renewing).idToken;
    },
    signIn: async () => {
      const returnTo =
        window.location.pathname.slice(basePath.length) + window.location.search + window.location.hash || '/';
      const { journey, url } = await beginJourney(configuration, await directory.find(), returnTo);
      storage.setItem(journeyKey, JSON.stringify(journey));
      window.location.assign(url);
    },
    signOut: async () => {
      const idToken = tokens?.idToken ?? '';
      forget();
      const issuer = await directory.find().catch(() => undefined);
      window.location.assign((issuer && signOutUrl(configuration, issuer, idToken)) ?? `${basePath}/`);
    },
  };
}

const endpointsKey = 'hopcount.endpoints';

const knownSchema = z.object({ issuer: z.string(), endpoints: endpointsSchema });

/** Endpoints of the issuer: asked for once in a tab, so that a reload is a round trip shorter. */
function createDirectory(configuration: Configuration, storage: Storage) {
  function recall(): Endpoints | undefined {
    const text = storage.getItem(endpointsKey);
    const parsed = text === null ? undefined : knownSchema.safeParse(JSON.parse(text));
    return parsed?.success && parsed.data.issuer === configuration.issuer ? parsed.data.endpoints : undefined;
  }
  async function ask(): Promise<Endpoints> {
    const endpoints = await discover(configuration);
    storage.setItem(endpointsKey, JSON.stringify({ issuer: configuration.issuer, endpoints }));
    return endpoints;
  }
  return {
    find: async (): Promise<Endpoints> => recall() ?? ask(),
    forget: (): void => storage.removeItem(endpointsKey),
  };
}

function takeJourney(storage: Storage) {
  const text = storage.getItem(journeyKey);
  storage.removeItem(journeyKey);
  const parsed = text === null ? undefined : journeySchema.safeParse(JSON.parse(text));
  return parsed?.success ? parsed.data : undefined;
}
