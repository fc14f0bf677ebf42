import { parseLinkDomains } from '#schemas/settings/link-domains.ts';
import { flag, text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  CLICK_QUEUE_URL: text,
  /** Value that a request must carry to have come through CloudFront; `none` if Lambda verifies its signature instead. */
  ORIGIN_SECRET: text,
  /** Whether codes are equal if they differ in capitals only. */
  IGNORE_CASE: flag,
  /** Where `/` leads to: a path or a URL; `none` for a 404. */
  HOME_URL: text,
  LINK_DOMAINS: parseLinkDomains,
  /** Host name of the stack's own domain; `none` if it has no other. */
  MAIN_DOMAIN: text,
  /** True only on a local stack that was started with `--allow-replay`. */
  ALLOW_REPLAY: flag,
};
