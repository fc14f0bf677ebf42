/** What Lambda's Node.js runtime puts on the global object for response streaming. */
declare namespace awslambda {
  interface ResponseStream extends NodeJS.WritableStream {
    setContentType(type: string): void;
  }
  type StreamingHandler<Event> = (event: Event, stream: ResponseStream, context: unknown) => Promise<void>;
  function streamifyResponse<Event>(handler: StreamingHandler<Event>): StreamingHandler<Event>;
  class HttpResponseStream {
    static from(
      stream: ResponseStream,
      metadata: { statusCode: number; headers: Readonly<Record<string, string>> },
    ): NodeJS.WritableStream;
  }
}
