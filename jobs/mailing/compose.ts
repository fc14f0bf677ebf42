import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createSendMail } from '#stores/aws/ses-mail.ts';
import { createOriginSecret } from '#stores/aws/secrets-manager-origin-secret.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { renderMail } from '../../mails/render-mail.tsx';
import { type Recipients, createRecipients } from './recipients.ts';
import type { MailingDeps } from './send-due-mails.ts';

export interface MailingEnvironment {
  CATALOG_TABLE: string;
  PUBLIC_URL: string;
  MAIL_SECRET_ARN: string;
  SENDER: string;
  CONFIGURATION_SET: string;
}

/** Builds what an alert job needs to address and send mails. */
export function composeMailing(
  env: MailingEnvironment,
  dynamodb: DynamoDBClient,
  catalog: Pick<CatalogAdmin, 'listUsers'>,
): { mailing: MailingDeps; recipients: () => Recipients } {
  const sender = orEmpty(env.SENDER);
  const secret = createOriginSecret({ client: new SecretsManagerClient({}), arn: env.MAIL_SECRET_ARN, now: Date.now });
  return {
    mailing: {
      mails: createOutgoingMails({ client: dynamodb, table: env.CATALOG_TABLE }),
      send: createSendMail({
        // No retries: a mail that timed out may have left, and its claim decides which run tries again.
        client: new SESv2Client({ maxAttempts: 1 }),
        sender,
        configurationSet: orEmpty(env.CONFIGURATION_SET),
      }),
      render: renderMail,
      secret,
      publicUrl: env.PUBLIC_URL,
      now: Date.now,
    },
    recipients: () =>
      createRecipients({
        listUsers: catalog.listUsers,
        confirmations: createConfirmations({ client: dynamodb, table: env.CATALOG_TABLE, now: Date.now }),
        secret,
        maySend: sender !== '',
      }),
  };
}

function orEmpty(value: string): string {
  return value === 'none' ? '' : value;
}
