import type { Invocation, InvokeOptions } from '../functions/pool.ts';
import type { StreamedAnswer } from '../functions/messages.ts';
import type { OriginModel } from '../template/model.ts';
import { createRouter } from './http-api.ts';
import { bufferedResponse, lambdaEvent, streamedResponse } from './lambda-event.ts';
import type { EdgeRequest, EdgeResponse } from './request.ts';

/** The services that origins call. */
export interface OriginServices {
  invoke: (functionName: string, event: unknown, options?: InvokeOptions) => Promise<Invocation>;
  /** `http://127.0.0.1:41001`, the endpoint of S3. */
  objectsUrl: string;
}

export type Origin = (request: EdgeRequest) => Promise<EdgeResponse>;

/** Creates an origin with its path prefix and custom headers. */
export function createOrigin(model: OriginModel, services: OriginServices): Origin {
  const origin = ((): Origin => {
    switch (model.kind) {
      case 'function':
        return functionOrigin(model.functionName, model.streaming, services);
      case 'api':
        return apiOrigin(model, services);
      case 'bucket':
        return bucketOrigin(model.bucket, services);
      default:
        return model satisfies never;
    }
  })();
  return (request) =>
    origin({ ...request, path: model.path + request.path, headers: { ...request.headers, ...model.customHeaders } });
}

function functionOrigin(functionName: string, streaming: boolean, { invoke }: OriginServices): Origin {
  const endpoint = {
    host: `${functionName.toLowerCase()}.lambda-url.us-east-1.on.aws`,
    routeKey: '$default',
    pathParameters: {},
  };
  return (request) =>
    new Promise((resolve) => {
      const event = lambdaEvent(request, endpoint);
      function answered(answer: StreamedAnswer): void {
        return resolve(streamedResponse(answer));
      }
      // A streaming function has already responded when its invocation ends.
      void invoke(functionName, event, streaming ? { answered } : {}).then((invocation) =>
        resolve(
          invocation.kind === 'done' && !streaming
            ? bufferedResponse(invocation.result)
            : plain(502, 'Internal Server Error'),
        ),
      );
    });
}

function plain(status: number, text: string): EdgeResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(text),
  };
}

function apiOrigin(origin: Extract<OriginModel, { kind: 'api' }>, { invoke }: OriginServices): Origin {
  const route = createRouter(origin.api);
  return async (request) => {
    const matched = route(request.method, request.path);
    if (!matched) return message(404, 'Not Found');
    const endpoint = { host: origin.api.host, routeKey: matched.key, pathParameters: matched.pathParameters };
    const invocation = await invoke(matched.functionName, lambdaEvent(request, endpoint));
    return invocation.kind === 'done' ? bufferedResponse(invocation.result) : message(500, 'Internal Server Error');
  };
}

function message(status: number, text: string): EdgeResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message: text })),
  };
}

const objectHeaders: readonly string[] = ['content-type', 'cache-control', 'content-encoding', 'etag', 'last-modified'];

function bucketOrigin(bucket: string, { objectsUrl }: OriginServices): Origin {
  return async (request) => {
    const response = await fetch(`${objectsUrl}/${bucket}${request.path}`, {
      method: request.method === 'HEAD' ? 'HEAD' : 'GET',
    });
    // Without ListBucket, S3 returns 403 for a missing object.
    if (response.status === 404) return plain(403, 'AccessDenied');
    const headers = Object.fromEntries(
      objectHeaders.flatMap((name): [string, string][] => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, value]];
      }),
    );
    return { status: response.status, headers, body: new Uint8Array(await response.arrayBuffer()) };
  };
}
