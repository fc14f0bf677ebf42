/** Tag on every resource of a stack, by which its costs are told from others. Its value is the stack's name. */
export const costTag = 'hopcount-stack';

/** Returns the name of the Glue database. Athena allows neither upper case nor hyphens. */
export function glueDatabaseName(stackName: string): string {
  return stackName.toLowerCase().replaceAll('-', '_');
}

/** Ends of the names that the stack has in CloudFront, where names are unique in the account. */
const cloudFrontIds = [
  'RedirectFacts',
  'CollectFacts',
  'SdkFacts',
  'SdkHeaders',
  'DynamicHeaders',
  'OpenHeaders',
  'FileHeaders',
  'PublicPages',
  'SiteAccess',
  'RedirectAccess',
] as const;
export type CloudFrontId = (typeof cloudFrontIds)[number];

/** Returns the name of one of them. @param beginning tells stacks of one region apart */
export function cloudFrontName(beginning: string, id: CloudFrontId, region: string): string {
  return `${beginning}${id}-${region}`;
}

/** Returns whether a name in CloudFront may be that of a stack with this name in this region. */
export function isCloudFrontName(name: string, stackName: string, region: string): boolean {
  // The stack's name may be cut to its beginning.
  const beginning = stackName.replaceAll('-', '').slice(0, 10);
  return name.startsWith(beginning) && cloudFrontIds.some((id) => name.endsWith(cloudFrontName('', id, region)));
}

export function workGroupName(stackName: string, group: string): string {
  return `${stackName}-${group.toLowerCase()}`;
}
