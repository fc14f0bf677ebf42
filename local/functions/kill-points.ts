import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';

/**
 * A moment in an invocation: the event has arrived, the viewer has its response, the handler has resolved but the
 * caller does not know it, or an AWS operation is about to be sent or has taken effect (`after PutObject`).
 */
export type KillPoint = 'received' | 'answered' | 'handled' | `before ${string}` | `after ${string}`;

/** One kill: the worker ends when it reaches the point. */
export interface KillPlan {
  point: KillPoint;
  /** Called once when the invocation is over; `killed` is false when it never reached the point. */
  ended: (killed: boolean) => void;
}

/**
 * Calls `reached` at the points before and after each AWS operation of this thread.
 *
 * @returns a function that stops it
 */
export function watchOperations(reached: (point: KillPoint) => void): () => void {
  function created(message: unknown): void {
    reached(`before ${operationOf(message)}`);
  }
  function finished(message: unknown): void {
    reached(`after ${operationOf(message)}`);
  }
  // `created` fires before anything is sent; `finish` fires after the service has done its work.
  subscribe('http.client.request.created', created);
  subscribe('http.client.response.finish', finished);
  return () => {
    unsubscribe('http.client.request.created', created);
    unsubscribe('http.client.response.finish', finished);
  };
}

/** Reads `PutItem` from the header `DynamoDB_20120810.PutItem`, and `PutObject` from the SDK's query of an S3 request. */
function operationOf(message: unknown): string {
  const request: unknown =
    typeof message === 'object' && message !== null ? Reflect.get(message, 'request') : undefined;
  if (!(request instanceof ClientRequest)) return '';
  const target = request.getHeader('x-amz-target');
  if (typeof target === 'string') return target.slice(target.indexOf('.') + 1);
  return new URL(request.path, 'http://localhost').searchParams.get('x-id') ?? '';
}
