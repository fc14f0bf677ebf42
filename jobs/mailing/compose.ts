import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { createAgencyBrands } from '#stores/catalog/agency-brands.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createSendMail } from '#stores/aws/ses-mail.ts';
import { createOriginSecret } from '#stores/aws/secrets-manager-origin-secret.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createSavedRecords } from '#stores/catalog/saved-records.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { createChannelSender } from '#stores/web/channel-sender.ts';
import { allowBesides } from '#stores/web/public-request.ts';
import { metricLines } from '#core/edge/metric-line.ts';
import { channelSchema } from '#schemas/channels.ts';
import { renderMail } from '../../mails/render-mail.tsx';
import { createBrandReader } from './brand-reader.ts';
import { type Recipients, createRecipients } from './recipients.ts';
import type { NotifyingDeps } from './send-due-mails.ts';
import { sendDueMessages } from './send-due-messages.ts';

export interface MailingEnvironment {
  CATALOG_TABLE: string;
  PUBLIC_URL: string;
  MAIL_SECRET_ARN: string;
  SENDER: string;
  CONFIGURATION_SET: string;
  PRIVATE_DESTINATIONS: string;
}

export interface ComposeMailingOptions {
  env: MailingEnvironment;
  dynamodb: DynamoDBClient;
  catalog: Pick<CatalogAdmin, 'listUsers' | 'getPage'>;
  sleep: (milliseconds: number) => Promise<unknown>;
  writeMetrics: (line: string) => void;
}

/** Builds what an alert job needs to address and send mails and messages. */
export function composeMailing({ env, dynamodb, catalog, sleep, writeMetrics }: ComposeMailingOptions): {
  mailing: NotifyingDeps;
  recipients: () => Recipients;
} {
  const sender = orEmpty(env.SENDER);
  const now = Date.now;
  const table = { client: dynamodb, table: env.CATALOG_TABLE };
  const secret = createOriginSecret({ client: new SecretsManagerClient({}), arn: env.MAIL_SECRET_ARN, now });
  const channels = createSavedRecords({ ...table, kind: 'channel', schema: channelSchema });
  const mails = createOutgoingMails(table);
  const brands = createAgencyBrands(table);
  const messaging = {
    mails,
    channels,
    sendToChannel: createChannelSender({ secret, now, isAllowed: allowBesides(env.PRIVATE_DESTINATIONS) }),
    onDead: (messages: number) => metricLines(now(), { MessagesDead: messages }).forEach(writeMetrics),
    publicUrl: env.PUBLIC_URL,
    now,
    sleep,
  };
  return {
    mailing: {
      mails,
      send: createSendMail({
        // No retries: a mail that timed out may have left, and its claim decides which run tries again.
        client: new SESv2Client({ maxAttempts: 1 }),
        sender,
        configurationSet: orEmpty(env.CONFIGURATION_SET),
      }),
      render: renderMail,
      brands: () =>
        createBrandReader({ getPage: catalog.getPage, getBrand: brands.get, secret, publicUrl: env.PUBLIC_URL }),
      secret,
      sendMessages: (time) => sendDueMessages(messaging, time),
      publicUrl: env.PUBLIC_URL,
      now,
    },
    recipients: () =>
      createRecipients({
        listUsers: catalog.listUsers,
        confirmations: createConfirmations({ ...table, now }),
        secret,
        listChannels: channels.list,
        maySend: sender !== '',
      }),
  };
}

function orEmpty(value: string): string {
  return value === 'none' ? '' : value;
}
