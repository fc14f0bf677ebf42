import type { IncomingMessage } from 'node:http';
import type { ResourceStatementModel, RoleModel } from '../template/model.ts';
import { localAccount } from '../template/names.ts';
import { type Call, createPolicy } from './policy.ts';

/** Returns AWS's message if the caller of a request may not make one of these calls. */
export type FindDenial = (calls: readonly Call[]) => string | undefined;

/** Tells which functions may do what. Other callers, such as the CLI and tests, may do everything. */
export interface Access {
  /** Returns whether a function signed the request. */
  isRestricted: (incoming: IncomingMessage) => boolean;
  /** Returns AWS's message if the function that signed the request may not make one of the calls. */
  findDenial: (incoming: IncomingMessage, calls: readonly Call[]) => string | undefined;
}

export interface AccessOptions {
  roles: readonly RoleModel[];
  resourceStatements: readonly ResourceStatementModel[];
  /** Receives each denial's message. */
  denied: (message: string) => void;
}

/**
 * Evaluates the calls of functions against their roles and the policies of resources. A function signs with its name as the
 * access key.
 */
export function createAccess({ roles, resourceStatements, denied }: AccessOptions): Access {
  const callers = new Map(
    roles.map((role) => [role.functionName, { role, decide: createDecisions(role, resourceStatements) }] as const),
  );

  function findCaller(incoming: IncomingMessage) {
    return callers.get(readAccessKey(incoming));
  }

  return {
    isRestricted: (incoming) => findCaller(incoming) !== undefined,
    findDenial: (incoming, calls) => {
      const caller = findCaller(incoming);
      if (!caller) return undefined;
      for (const call of calls) {
        const reason = caller.decide(call);
        if (reason === undefined) continue;
        const message = denialMessage(caller.role, call, reason);
        denied(message);
        return message;
      }
      return undefined;
    },
  };
}

/**
 * Returns why a role may not make a call. Within one account, either policy may allow it, and either may deny it:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
function createDecisions(role: RoleModel, resourceStatements: readonly ResourceStatementModel[]) {
  const identity = createPolicy(role.statements);
  const resource = createPolicy(resourceStatements.filter(({ principals }) => principals.some(isCaller(role))));
  return (call: Call): string | undefined => {
    const [own, theirs] = [identity(call), resource(call)];
    if (own === 'explicit') return 'with an explicit deny in an identity-based policy';
    if (theirs === 'explicit') return 'with an explicit deny in a resource-based policy';
    if (own === 'allowed' || theirs === 'allowed') return undefined;
    return `because no identity-based policy allows the ${call.action} action`;
  };
}

function isCaller({ roleName }: RoleModel) {
  const names = [
    '*',
    localAccount,
    `arn:aws:iam::${localAccount}:root`,
    `arn:aws:iam::${localAccount}:role/${roleName}`,
  ];
  return (principal: string) => names.includes(principal);
}

/** Allows everything, for services that run without a stack. */
export const unrestricted: Access = { isRestricted: () => false, findDenial: () => undefined };
export const allowAll: FindDenial = () => undefined;

/** Reads the access key of a signed request, or of a presigned URL. */
function readAccessKey({ headers, url = '' }: IncomingMessage): string {
  const signed = /Credential=([^/,]+)\//.exec(headers.authorization ?? '')?.[1];
  return signed ?? /[?&]X-Amz-Credential=([^&/%]+)/.exec(url)?.[1] ?? '';
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function denialMessage({ roleName, functionName }: RoleModel, { action, resource }: Call, reason: string): string {
  const user = `arn:aws:sts::${localAccount}:assumed-role/${roleName}/${functionName}`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
}
