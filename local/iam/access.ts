import type { IncomingMessage } from 'node:http';
import type { RoleModel } from '../template/model.ts';
import { localAccount } from '../template/names.ts';
import { type Call, createPolicy, type Decision } from './policy.ts';

/** Tells which functions may do what. Other callers, such as the CLI and tests, may do everything. */
export interface Access {
  /** Returns whether a function signed the request. */
  isRestricted: (incoming: IncomingMessage) => boolean;
  /** Returns AWS's message if the function that signed the request may not make one of the calls. */
  findDenial: (incoming: IncomingMessage, calls: readonly Call[]) => string | undefined;
}

/**
 * Evaluates the calls of functions against their roles. A function signs with its name as the access key.
 * @param denied receives each denial's message
 */
export function createAccess(roles: readonly RoleModel[], denied: (message: string) => void): Access {
  const callers = new Map(
    roles.map((role) => [role.functionName, { role, decide: createPolicy(role.statements) }] as const),
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
        const decision = caller.decide(call);
        if (decision === 'allowed') continue;
        const message = denialMessage(caller.role, call, decision);
        denied(message);
        return message;
      }
      return undefined;
    },
  };
}

/** Allows everything, for services that run without a stack. */
export const unrestricted: Access = { isRestricted: () => false, findDenial: () => undefined };

/** Reads the access key of a signed request, or of a presigned URL. */
function readAccessKey({ headers, url = '' }: IncomingMessage): string {
  const signed = /Credential=([^/,]+)\//.exec(headers.authorization ?? '')?.[1];
  return signed ?? /[?&]X-Amz-Credential=([^&/%]+)/.exec(url)?.[1] ?? '';
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function denialMessage({ roleName, functionName }: RoleModel, { action, resource }: Call, decision: Decision): string {
  const user = `arn:aws:sts::${localAccount}:assumed-role/${roleName}/${functionName}`;
  const reason =
    decision === 'explicit'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
}
