/** Types of the parts of parquetjs-lite that the benches use; the package has none. */
declare module 'parquetjs-lite' {
  interface Field {
    type: string;
    optional?: boolean;
    compression?: string;
  }
  class ParquetSchema {
    constructor(fields: Record<string, Field>);
  }
  class ParquetWriter {
    static openFile(schema: ParquetSchema, path: string): Promise<ParquetWriter>;
    static openStream(schema: ParquetSchema, stream: NodeJS.WritableStream): Promise<ParquetWriter>;
    appendRow(row: Record<string, unknown>): Promise<void>;
    close(): Promise<void>;
  }
  class ParquetReader {
    static openBuffer(buffer: Buffer): Promise<ParquetReader>;
    getCursor(columns?: string[]): { next: () => Promise<Record<string, unknown> | null> };
    close(): Promise<void>;
  }
  /** It is a CommonJS module without named exports. */
  const parquetjs: {
    ParquetSchema: typeof ParquetSchema;
    ParquetWriter: typeof ParquetWriter;
    ParquetReader: typeof ParquetReader;
  };
  export default parquetjs;
}
