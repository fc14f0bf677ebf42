import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

const timeout = 10_000;
/** What is kept of a body; the rest is read and dropped. */
const bodyLimit = 100_000;

/**
 * One request as a viewer sends it: redirects are not followed, and every header may be set, which `fetch` forbids.
 * @throws {Error} when no answer comes within 10 s
 */
export function ask(url: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    const sent = request(url, { method, headers, timeout }, (response) => {
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
    sent.on('timeout', () => sent.destroy(new Error(`${url} did not answer within ${timeout / 1000} s`)));
    sent.on('error', reject);
    sent.end();
  });
}
