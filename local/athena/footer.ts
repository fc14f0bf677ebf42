import { parquetMetadata, parquetSchema } from 'hyparquet';

/** The parts of a Parquet footer needed to check types, calculate scanned bytes and skip row groups. */
export interface Footer {
  rows: number;
  /** Type of each column as Glue would call it. */
  columns: ReadonlyMap<string, string>;
  groups: readonly RowGroup[];
}

export interface RowGroup {
  /** Per column: compressed bytes, and the smallest and largest value where the writer noted them. */
  columns: ReadonlyMap<string, { bytes: number; min: unknown; max: unknown }>;
}

/** The file is not a valid Parquet file. */
export class NoParquetFile extends Error {
  override readonly name = 'NoParquetFile';
}

/** @throws {NoParquetFile} */
export function readFooter(bytes: Uint8Array): Footer {
  try {
    const metadata = parquetMetadata(new Uint8Array(bytes).buffer);
    const columns = new Map(
      parquetSchema(metadata).children.map(({ element }) => [
        element.name,
        isAnnotatedTimestamp(element.logical_type) ? 'timestamp' : glueType(element.type, element.converted_type),
      ]),
    );
    const groups = metadata.row_groups.map((group) => ({
      columns: new Map(
        group.columns.map(({ meta_data: column }) => [
          column?.path_in_schema.join('.') ?? '',
          {
            bytes: Number(column?.total_compressed_size ?? 0n),
            min: column?.statistics?.min_value,
            max: column?.statistics?.max_value,
          },
        ]),
      ),
    }));
    return { rows: Number(metadata.num_rows), columns, groups };
  } catch (cause) {
    throw new NoParquetFile(`no readable footer in ${bytes.byteLength} bytes`, { cause });
  }
}

function isAnnotatedTimestamp(logical: { type: string } | undefined): boolean {
  return logical?.type === 'TIMESTAMP';
}

function glueType(physical: string | undefined, converted: string | undefined): string {
  if (converted?.startsWith('TIMESTAMP') || physical === 'INT96') return 'timestamp';
  if (converted === 'DATE') return 'date';
  if (physical === 'INT64') return 'bigint';
  if (physical === 'INT32') return 'int';
  if (physical === 'DOUBLE') return 'double';
  if (physical === 'FLOAT') return 'float';
  if (physical === 'BOOLEAN') return 'boolean';
  return 'string';
}
