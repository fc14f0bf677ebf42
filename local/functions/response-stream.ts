import { Writable } from 'node:stream';
import type { StreamedAnswer } from './messages.ts';

type WriteCallback = (error: Error | null | undefined) => void;

/**
 * Simulates Lambda's response stream: collects the output of a streaming handler and passes it on at `end()`, when a
 * viewer behind CloudFront has the whole response.
 */
export class ResponseStream extends Writable {
  readonly #chunks: Buffer[] = [];
  readonly #answered: (answer: StreamedAnswer) => void;
  #metadata: unknown = {};
  #written = false;

  constructor(answered: (answer: StreamedAnswer) => void) {
    super();
    this.#answered = answered;
  }

  setMetadata(metadata: unknown): void {
    this.#metadata = metadata;
  }

  setContentType(contentType: string): void {
    this.#metadata = { headers: { 'content-type': contentType } };
  }

  /**
   * Lambda sends status and headers with the first `write()`. They are lost if the only output is that of `end()`:
   * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/97
   */
  override write(chunk: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback): boolean {
    this.#written = true;
    return typeof encoding === 'string' ? super.write(chunk, encoding, callback) : super.write(chunk, encoding);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    // A copy: with a part of Node's pool for buffers, the message to the main thread would carry all its 64 KB.
    const body = new Uint8Array(Buffer.concat(this.#chunks));
    this.#answered({ metadata: this.#written && body.length > 0 ? this.#metadata : undefined, body });
    done();
  }
}

const streaming = Symbol('streaming');

export type StreamingHandler = (event: unknown, stream: ResponseStream, context: unknown) => unknown;
type MarkedHandler = StreamingHandler & { [streaming]?: true };

/** The global `awslambda` of the Node runtime, reduced to what handlers use. */
export const awslambda = {
  streamifyResponse: (handler: StreamingHandler): StreamingHandler => {
    const marked: MarkedHandler = (event, stream, context) => handler(event, stream, context);
    marked[streaming] = true;
    return marked;
  },
  HttpResponseStream: {
    from: (stream: ResponseStream, metadata: unknown): ResponseStream => {
      stream.setMetadata(metadata);
      return stream;
    },
  },
};

export function isStreaming(handler: object): boolean {
  return streaming in handler;
}
