import { lakeQueryEnvironment } from '#jobs/environments.ts';
import { text, whole } from '#schemas/environment.ts';

export const environment = {
  ...lakeQueryEnvironment,
  ROLLUPS_TABLE: text,
  /** The stack's public address: `https://go.example`. */
  PUBLIC_URL: text,
  /** Secret that signs the links in mails. */
  MAIL_SECRET_ARN: text,
  /** Sender address of the mails; `none` if the stack sends none. */
  SENDER: text,
  /** SES configuration set that reports bounces and complaints; `none` if there is none. */
  CONFIGURATION_SET: text,
  /** Private addresses that link checks and channels may reach; `none` on AWS. Only tests of the local stack set it. */
  PRIVATE_DESTINATIONS: text,
  /** Days that an incident is kept after its end, the same as settled events; 0 keeps it forever. */
  SETTLED_DAYS: whole,
};
