import type { PersonIds } from '#core/visitors/person-id.ts';
import type { EventType } from '#schemas/event.ts';

/** One call of an SDK, decoded. */
export interface SdkRequest {
  method: string;
  /** Below the page's base, with the leading slash: `/v1/batch`. */
  path: string;
  query: URLSearchParams;
  /** Parsed JSON; undefined if the request has no body. It is decoded when it is first read: flags and recordings are not. */
  readonly body: unknown;
  /** User name of `Authorization: Basic`, and keys in headers of an SDK's own. */
  authorization: string | undefined;
  /** `openpanel-client-id`: no other SDK sends it. */
  clientId: string | undefined;
}

/**
 * An event as the SDK meant it. Texts are as they were sent: collect redacts and cuts them. A field that the SDK did not
 * send is missing.
 */
export interface CapturedEvent {
  kind: 'event';
  type: EventType;
  /** The SDK's own id of the event. A retry has the same one. */
  id?: string | undefined;
  name?: string | undefined;
  /** Address of the document; a path is completed with the page's own site. */
  url?: string | undefined;
  /** Null: known to have none. */
  referrer?: string | null | undefined;
  title?: string | undefined;
  destination?: string | undefined;
  properties?: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds since the epoch, by the client's clock. */
  occurredAt?: number | undefined;
  sentAt?: number | undefined;
  session?: string | undefined;
  ids?: PersonIds | undefined;
  /** An identify call: it counts nothing. */
  identifies?: true;
  /** What a server knows of the person; read only if the request has an ingest key. */
  person: { address?: string | undefined; userAgent?: string | undefined; language?: string | undefined };
}

/** A call that says that two ids belong to one person. It becomes an event only on a page that keeps both. */
export interface IdentifyCall extends Pick<CapturedEvent, 'id' | 'occurredAt' | 'sentAt' | 'ids' | 'person'> {
  kind: 'identify';
  /** `$identify` */
  name: string;
}

/** Something that is no event: it is counted as failed, by the field. */
export interface UnreadableEvent {
  kind: 'unreadable';
  problem: { field: string; value: unknown; allowed: string };
}

/** What a request says. */
export interface SdkCall {
  events: (CapturedEvent | UnreadableEvent)[];
  identifies: IdentifyCall[];
  /** Calls that make no event, by name: `$set`. */
  dropped: string[];
  /** Keys that the request holds. */
  keys: string[];
  /** The smallest response that the SDK takes for success. */
  response: SdkResponse;
}

export interface SdkResponse {
  status: number;
  contentType: string;
  body: string;
  /** The body is the base64 of bytes. */
  base64?: boolean;
}

/** An SDK's protocol. To add one: a file like this one's siblings, a line in `adapters.ts`, and its recordings. */
export interface Adapter {
  /** Part of the event's id: two SDKs may use the same id. */
  readonly name: string;
  /** Its SDK for servers sends a batch in halves after a 413; others would lose it. */
  readonly splits?: boolean;
  /** An error status ends the application of the SDK: it is always told that its events were taken. */
  readonly neverFails?: boolean;
  /** Reads a call. Undefined: the path or the body is of another SDK. */
  readonly read: (request: SdkRequest) => SdkCall | undefined;
}

export function json(body: unknown, status = 200): SdkResponse {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

export function plain(body: string, status = 200): SdkResponse {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

/** One transparent pixel. */
export const pixel: SdkResponse = {
  status: 200,
  contentType: 'image/gif',
  body: 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  base64: true,
};

/** Answers a call that makes no event: settings, flags. */
export function answer(response: SdkResponse, dropped: string[] = []): SdkCall {
  return { events: [], identifies: [], dropped, keys: [], response };
}
