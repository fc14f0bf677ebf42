import type { UserPool } from 'aws-cdk-lib/aws-cognito';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { userKeys } from '#schemas/tables.ts';

// The shell replaces $SUBJECT, so the item is in double quotes and the JSON's own are escaped.
const subject = '$SUBJECT';
const adminItem = {
  ...userKeys(subject),
  subject,
  role: 'admin',
};

const attributeValues = Object.fromEntries(Object.entries(adminItem).map(([name, value]) => [name, { S: value }]));

/**
 * Returns shell commands that create the first admin: a user in the stack's pool, who is invited by mail, and the role in
 * the catalog. With your own issuer only the role, for which you fill in the subject (`sub`) of the token.
 */
export function firstAdminCommand(userPool: UserPool | undefined, catalog: Table, region: string): string {
  const item = JSON.stringify(attributeValues).replaceAll('"', String.raw`\"`);
  const grant = `aws dynamodb put-item --region ${region} --table-name ${catalog.tableName} --item "${item}"`;
  if (!userPool) return `SUBJECT=<sub of the token>; ${grant}`;
  const create =
    `aws cognito-idp admin-create-user --region ${region} --user-pool-id ${userPool.userPoolId}` +
    ` --username "$EMAIL" --user-attributes "Name=email,Value=$EMAIL" Name=email_verified,Value=true` +
    ` --query "User.Attributes[?Name=='sub'].Value" --output text`;
  return `EMAIL=<your address>; SUBJECT=$(${create}) && ${grant}`;
}
