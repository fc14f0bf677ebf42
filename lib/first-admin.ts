import type { UserPool } from 'aws-cdk-lib/aws-cognito';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { userKeys } from '#schemas/tables.ts';

// The shell fills in $SUBJECT: double quotes around the item, so the JSON's own are escaped.
const subject = '$SUBJECT';
const adminItem = {
  ...userKeys(subject),
  subject,
  role: 'admin',
};

const attributeValues = Object.fromEntries(Object.entries(adminItem).map(([name, value]) => [name, { S: value }]));

/**
 * Shell commands that make the first admin: a user of the stack's own pool, who receives a mail, then the role in the
 * catalog. With another issuer only the role: its owner knows the subject (`sub`) of the token.
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
