import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** SQS and Secrets Manager as far as the edge functions speak to them, on a port of our own. */
export interface AwsDouble {
  endpoint: string;
  /** Bodies that the queue took, parsed. */
  messages: unknown[];
  /** While true, the queue answers with an error. */
  refuse: boolean;
  /** Milliseconds until the double answers. */
  delay: number;
  stop: () => void;
}

export async function startAwsDouble(secret: string): Promise<AwsDouble> {
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      await sleep(double.delay);
      const [status, answer] = answerTo(String(request.headers['x-amz-target']), body, secret, double);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the double does not listen');
  const double: AwsDouble = {
    endpoint: `http://127.0.0.1:${address.port}`,
    messages: [],
    refuse: false,
    delay: 0,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return double;
}

const sendMessage = z.object({ MessageBody: z.string() });

function answerTo(target: string, body: string, secret: string, double: AwsDouble): [status: number, answer: unknown] {
  if (target === 'secretsmanager.GetSecretValue') return [200, { SecretString: secret }];
  if (target !== 'AmazonSQS.SendMessage') return [400, { __type: 'UnknownOperationException', message: target }];
  if (double.refuse) return [403, { __type: 'AccessDeniedException', message: 'refused by the test' }];
  const { MessageBody } = sendMessage.parse(JSON.parse(body));
  double.messages.push(JSON.parse(MessageBody));
  return [200, { MessageId: 'm', MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') }];
}
