/** Thrown if a query of the lake fails. Messages start with the query's name. */
export class QueryFailed extends Error {
  override readonly name: string = 'QueryFailed';
  readonly query: string;

  constructor(query: string, reason: string, options?: ErrorOptions) {
    super(`${query}: ${reason}`, options);
    this.query = query;
  }
}

/** Stopped by a user or by the work group's limit. */
export class QueryCancelled extends QueryFailed {
  override readonly name = 'QueryCancelled';
}

/** Stopped by us at its deadline. */
export class QueryTimedOut extends QueryFailed {
  override readonly name = 'QueryTimedOut';
}

/** A file's column has another type than the table's. */
export class SchemaMismatch extends QueryFailed {
  override readonly name = 'SchemaMismatch';
  readonly column: string;
  readonly file: string;

  constructor(query: string, reason: string, at: { column: string; file: string }) {
    super(query, `column ${at.column} of ${at.file} does not match the table (${reason})`);
    this.column = at.column;
    this.file = at.file;
  }
}

/** Athena could not read a file. */
export class FileDamaged extends QueryFailed {
  override readonly name = 'FileDamaged';
  readonly file: string;

  constructor(query: string, reason: string, file: string) {
    super(query, reason);
    this.file = file;
  }
}

const mismatch = /Field (\S+)'s type .* in parquet file (s3:\/\/\S+)/;
const damaged =
  /(?:HIVE_BAD_DATA|HIVE_CURSOR_ERROR|HIVE_CANNOT_OPEN_SPLIT|HIVE_FILESYSTEM_ERROR).*?(s3:\/\/\S+?)(?=[\s)]|$)/s;

/** Returns the error for a failed or cancelled query, from the reason that Athena gives. */
export function toQueryError(query: string, state: 'FAILED' | 'CANCELLED', reason: string): QueryFailed {
  if (state === 'CANCELLED') return new QueryCancelled(query, reason);
  const [, column, typed] = mismatch.exec(reason) ?? [];
  if (column && typed) return new SchemaMismatch(query, reason, { column, file: typed });
  const [, file] = damaged.exec(reason) ?? [];
  return file ? new FileDamaged(query, reason, file) : new QueryFailed(query, reason);
}
