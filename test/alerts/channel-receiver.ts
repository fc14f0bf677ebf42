import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type WebhookEvent, webhookEventSchema } from '#schemas/channels.ts';

export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What the receiver responds: a status, and headers. */
export type Answer = { status: number; headers?: Record<string, string>; body?: string };

export interface Receiver {
  url: string;
  received: Received[];
  /** Decides about each request. */
  answer: (request: Received) => Answer | Promise<Answer>;
  stop: () => void;
}

/** Starts a server that channels send to, on 127.0.0.1. */
export async function startReceiver(): Promise<Receiver> {
  const receiver: Receiver = { url: '', received: [], answer: () => ({ status: 200 }), stop: () => server.close() };
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const received = { path: request.url ?? '', headers: request.headers, body };
      receiver.received.push(received);
      const { status, headers = {}, body: answer = '' } = await receiver.answer(received);
      response.writeHead(status, headers).end(answer);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  receiver.url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
  return receiver;
}

/** Checks the signature of a webhook as its receiver would, by the specification alone. @throws {Error} */
export function verifyWebhook({ headers, body }: Received, secret: string): WebhookEvent {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const given = Buffer.from(String(headers['webhook-signature']));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error('the signature is wrong');
  return webhookEventSchema.parse(JSON.parse(body));
}
