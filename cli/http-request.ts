import { type Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpRequest {
  /** @default GET */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Connections to use. @default - those of the process */
  agent?: Agent;
}

export interface HttpResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * Sends a request without following redirects. Unlike `fetch`, it can set every header.
 * @throws {Error} if there is no response within 10 s
 */
export function sendRequest(url: string, { body: text, ...options }: HttpRequest = {}): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    // The parser of URLs would escape or resolve what the path is to contain.
    const { origin } = new URL(url);
    const sent = request(origin, { ...options, path: url.slice(origin.length), timeout: timeoutMs }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < bodyLimit) body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const entries = Object.entries(response.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as const],
        );
        resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(entries), body });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url} did not respond within ${timeoutMs / 1000} s`)));
    sent.on('error', reject);
    sent.end(text);
  });
}

const timeoutMs = 10_000;

/** Characters of the body that are kept. */
const bodyLimit = 100_000;
