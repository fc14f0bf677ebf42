import { describeSchemaError } from '#core/field-error.ts';
import { z } from 'zod';
import { UnsupportedTemplate } from './intrinsics.ts';
import type {
  FunctionModel,
  OperatorModel,
  ResourceStatementModel,
  RoleModel,
  SenderModel,
  StatementModel,
} from './model.ts';
import { type Resources, textAttribute } from './resources.ts';

/** Returns the roles of these functions, with the statements of their policies. A function without a role may do nothing. */
export function readRoles(resources: Resources, functions: readonly FunctionModel[]): readonly RoleModel[] {
  const roles = resources.ofType('AWS::IAM::Role', roleProperties).map((role) => ({
    ...role,
    arn: textAttribute(resources.scope, role.logicalId, 'Arn'),
  }));
  // CDK moves what is too long for a role's own policies into a managed one.
  const policies = resources.ofType(
    ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'],
    z.looseObject({ Roles: z.array(z.string()).default([]) }),
  );
  const roleArns = new Map(
    resources
      .ofType('AWS::Lambda::Function', z.looseObject({ Role: z.string().optional() }))
      .map(({ reference, properties }) => [reference, properties.Role]),
  );
  return functions.map(({ name }) => {
    const role = roles.find(({ arn }) => arn === roleArns.get(name));
    if (!role) return { functionName: name, roleName: 'none', statements: [] };
    if (role.properties.ManagedPolicyArns.length > 0)
      throw new UnsupportedTemplate(`${role.logicalId} has managed policies, which the local stack can't evaluate`);
    const attached = policies
      .filter(({ properties }) => properties.Roles.includes(role.reference))
      .map(({ logicalId, properties }) => ({ where: logicalId, policy: properties }));
    const inline = role.properties.Policies.map((policy) => ({ where: role.logicalId, policy }));
    return {
      functionName: name,
      roleName: role.reference,
      statements: [...inline, ...attached].flatMap(({ where, policy }) => readStatements(where, policy)),
    };
  });
}

const roleProperties = z.looseObject({
  ManagedPolicyArns: z.array(z.unknown()).default([]),
  Policies: z.array(z.unknown()).default([]),
});

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

/** The local stack evaluates no other operator. */
const operators = [
  'Bool',
  'StringEquals',
  'StringLike',
  'ForAllValues:StringEquals',
  'ForAllValues:StringLike',
] as const;

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
  Condition: z.partialRecord(z.enum(operators), z.record(z.string(), texts)).default({}),
});

const policySchema = z.looseObject({ PolicyDocument: z.looseObject({ Statement: z.array(statementSchema) }) });

function readStatements(where: string, policy: unknown): StatementModel[] {
  return parsePolicy(policySchema, `${where} (a role's policy)`, policy).PolicyDocument.Statement.map(toStatement);
}

function parsePolicy<T>(schema: z.ZodType<T>, where: string, policy: unknown): T {
  const parsed = schema.safeParse(policy);
  if (!parsed.success) throw new UnsupportedTemplate(`${where}: ${describeSchemaError(parsed.error)}`);
  return parsed.data;
}

function toStatement({ Effect, Action, Resource, Condition }: z.infer<typeof statementSchema>): StatementModel {
  return {
    effect: Effect,
    actions: Action,
    resources: Resource,
    conditions: operators.flatMap((operator: OperatorModel) =>
      Object.entries(Condition[operator] ?? {}).map(([key, values]) => ({ operator, key, values })),
    ),
  };
}

const resourcePolicies = [
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SecretsManager::ResourcePolicy',
];

const principalSchema = z.union([
  z.literal('*').transform((all) => [all]),
  z.looseObject({ AWS: texts.default([]) }).transform(({ AWS }) => AWS),
]);

const resourcePolicySchema = z.looseObject({
  PolicyDocument: z.looseObject({ Statement: z.array(z.looseObject({ Principal: principalSchema })) }),
});

/** Returns the statements of resource policies, but not those about services, whose calls the local stack does not evaluate. */
export function readResourceStatements(resources: Resources): readonly ResourceStatementModel[] {
  return resources.ofType(resourcePolicies, z.unknown()).flatMap(({ logicalId, type, properties }) => {
    const where = `${logicalId} (${type})`;
    return parsePolicy(resourcePolicySchema, where, properties).PolicyDocument.Statement.flatMap(
      ({ Principal: principals, ...statement }) =>
        principals.length === 0 ? [] : [{ ...toStatement(parsePolicy(statementSchema, where, statement)), principals }],
    );
  });
}

const identityProperties = z.looseObject({
  EmailIdentity: z.string(),
  ConfigurationSetAttributes: z.looseObject({ ConfigurationSetName: z.string().optional() }).optional(),
});

/** Returns the addresses that SES may send from. */
export function readSenders(resources: Resources): readonly SenderModel[] {
  return resources.ofType('AWS::SES::EmailIdentity', identityProperties).map(({ properties }) => ({
    address: properties.EmailIdentity,
    configurationSet: properties.ConfigurationSetAttributes?.ConfigurationSetName,
  }));
}
