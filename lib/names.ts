/** Tag on every resource of a stack, by which its costs are told from others. Its value is the stack's name. */
export const costTag = 'hopcount-stack';

/** Returns the name of the Glue database. Athena allows neither upper case nor hyphens. */
export function glueDatabaseName(stackName: string): string {
  return stackName.toLowerCase().replaceAll('-', '_');
}

export function workGroupName(stackName: string, group: string): string {
  return `${stackName}-${group.toLowerCase()}`;
}
