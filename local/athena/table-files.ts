import { AwsJsonError } from './errors.ts';
import { isProjected, type LocalGlue, type TableInput } from './glue.ts';
import type { LakeObject, Mirror } from './mirror.ts';
import type { QueryAccess } from './query-access.ts';

/** A file of a table with the values of its partition keys. */
export interface TableFile {
  object: LakeObject;
  partition: Record<string, string>;
}

export interface TableFilesOptions {
  glue: LocalGlue;
  mirror: Mirror;
  table: TableInput;
  access: QueryAccess;
}

/** Lists the current files of a table. Doesn't enforce the range of a date projection. */
export async function listTableFiles({ glue, mirror, table, access }: TableFilesOptions): Promise<TableFile[]> {
  const { bucket, prefix } = parseLocation(table.StorageDescriptor.Location ?? '');
  access.listObjects(bucket, prefix);
  const template = table.Parameters['storage.location.template'] ?? '';
  const partitionOf = isProjected(table) ? projection(table, template) : registered(glue, table);
  const files: TableFile[] = [];
  for (const object of await mirror.list(bucket, prefix)) {
    const partition = partitionOf(directoryOf(object));
    if (partition && object.size > 0) files.push({ object, partition });
  }
  files.forEach(assertPathSays);
  return files;
}

const locationPattern = /^s3:\/\/([^/]+)\/(.*)$/;

export function parseLocation(location: string): { bucket: string; prefix: string } {
  const [, bucket, prefix] = locationPattern.exec(location) ?? [];
  if (bucket === undefined || prefix === undefined)
    throw new AwsJsonError('InvalidRequestException', `${location} is not of the form s3://bucket/prefix`);
  return { bucket, prefix };
}

/** Reads partition values out of a directory: `s3://b/raw/dt=${dt}/hr=${hr}/` as a pattern. */
function projection(table: TableInput, template: string) {
  const names = table.PartitionKeys.map(({ Name }) => Name);
  const source = template
    .split(/(\$\{\w+\})/)
    .map((part) => (part.startsWith('${') ? `(?<${part.slice(2, -1)}>[^/]+)` : escape(part)))
    .join('');
  // Athena reads the folders below a location, too.
  const pattern = new RegExp(`^${source}${template.endsWith('/') ? '' : '/'}`);
  return (directory: string): Record<string, string> | undefined => {
    const groups = pattern.exec(directory)?.groups;
    return groups && Object.fromEntries(names.map((name) => [name, groups[name] ?? '']));
  };
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function registered(glue: LocalGlue, table: TableInput) {
  const names = table.PartitionKeys.map(({ Name }) => Name);
  const byLocation = new Map(
    glue
      .partitions(table.Name)
      .map(({ StorageDescriptor, Values }) => [
        StorageDescriptor.Location.replace(/\/?$/, '/'),
        Object.fromEntries(names.map((name, at) => [name, Values[at] ?? ''])),
      ]),
  );
  return (directory: string): Record<string, string> | undefined => {
    for (let folder = directory; folder !== ''; folder = parentOf(folder)) {
      const partition = byLocation.get(folder);
      if (partition) return partition;
    }
    return undefined;
  };
}

function parentOf(folder: string): string {
  return folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
}

function directoryOf({ bucket, key }: LakeObject): string {
  return `s3://${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`;
}

/** Hive names the values in the path; the engine reads them from there, so the two must say the same. */
function assertPathSays({ object, partition }: TableFile): void {
  for (const [name, value] of Object.entries(partition))
    if (!object.key.includes(`${name}=${value}/`))
      throw new AwsJsonError('InvalidRequestException', `${object.key} is registered as ${name}=${value}`);
}
