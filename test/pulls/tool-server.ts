import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { ApiAnswer, ApiRequest, ToolApi } from './tool-apis.ts';

export interface ToolServer {
  /** `http://127.0.0.1:12345` */
  url: string;
  requests: ApiRequest[];
  /** Answers of another kind, by number of the request, from 1; undefined: what the API says. */
  disturb: (count: number, response: ServerResponse) => ApiAnswer | 'handled' | undefined;
  api: ToolApi;
  stop: () => void;
}

/** Serves an API over HTTP on this machine. */
export async function startToolServer(api: ToolApi): Promise<ToolServer> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? '', started.url);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const asked: ApiRequest = { method: request.method ?? '', url, headers, body };
      started.requests.push(asked);
      const disturbed = started.disturb(started.requests.length, response);
      if (disturbed === 'handled') return;
      const answer = disturbed ?? started.api(asked);
      const content = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(content);
    });
  });
  const started: ToolServer = {
    url: '',
    requests: [],
    disturb: () => undefined,
    api,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  started.url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
  return started;
}
