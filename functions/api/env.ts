import { text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  ROLLUPS_TABLE: text,
  CACHE_TABLE: text,
  /** OIDC issuer whose keys sign the bearer tokens. */
  OIDC_ISSUER: text,
  /** `aud` or `client_id` that a token must carry. */
  OIDC_AUDIENCE: text,
};
