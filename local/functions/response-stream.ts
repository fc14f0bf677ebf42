import { Writable } from 'node:stream';
import type { StreamedAnswer } from './messages.ts';

/**
 * Simulates Lambda's response stream: collects the output of a streaming handler and passes it on at `end()`, when a
 * viewer behind CloudFront has the whole response.
 */
export class ResponseStream extends Writable {
  readonly #chunks: Buffer[] = [];
  readonly #answered: (answer: StreamedAnswer) => void;
  #metadata: unknown = {};

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

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    const body = Buffer.concat(this.#chunks);
    // Lambda sends status and headers with the first byte; without a body they are lost.
    this.#answered({ metadata: body.length > 0 ? this.#metadata : undefined, body });
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
