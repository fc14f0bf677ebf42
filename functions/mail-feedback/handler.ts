import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { requireCloudFront } from '#core/edge/origin-secret.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createAgencyBrands } from '#stores/catalog/agency-brands.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createOriginSecret } from '#stores/aws/secrets-manager-origin-secret.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { snsEventSchema } from './take-report.ts';
import { createMailFeedback } from './mail-feedback.ts';
import { environment } from './env.ts';

const { CATALOG_TABLE, MAIL_SECRET_ARN, ORIGIN_SECRET_ARN } = parseEnvironment(environment, process.env);
const secrets = new SecretsManagerClient({});
const table = { client: new DynamoDBClient({}), table: CATALOG_TABLE };

const handle = createMailFeedback({
  deps: {
    alerts: createAlerts({ ...table, now: Date.now }),
    mails: createOutgoingMails(table),
    confirmations: createConfirmations({ ...table, now: Date.now }),
    brands: createAgencyBrands(table),
    secret: createOriginSecret({ client: secrets, arn: MAIL_SECRET_ARN, now: Date.now }),
  },
  logger: new Logger({ serviceName: 'mail-feedback' }),
});

const handleHttp = requireCloudFront(
  handle,
  createOriginSecret({ client: secrets, arn: ORIGIN_SECRET_ARN, now: Date.now }),
);

/** Strangers can call the HTTP API. SNS invokes the function without it. */
export function handler(event: { headers?: Record<string, string | undefined> }) {
  return snsEventSchema.safeParse(event).success ? handle(event) : handleHttp(event);
}
