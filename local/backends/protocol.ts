import { z } from 'zod';

/** Configures the backends process; sent once over the IPC channel. */
export const backendsOrderSchema = z.object({
  dataDirectory: z.string(),
  region: z.string(),
  /** Path of a dynoxide binary. */
  dynoxide: z.string(),
});
export type BackendsOrder = z.infer<typeof backendsOrderSchema>;

/** The reply of the process: ready, or why it failed to start. */
export const backendsReportSchema = z.union([
  z.object({ kind: z.literal('ready'), queuesUrl: z.string(), tablesUrl: z.string() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
export type BackendsReport = z.infer<typeof backendsReportSchema>;

/** Declares queues and buckets, after the template is interpreted with the addresses of `ready`. */
export const declarationSchema = z.object({
  queues: z.array(z.object({ name: z.string(), arn: z.string(), attributes: z.record(z.string(), z.string()) })),
  buckets: z.array(
    z.object({
      name: z.string(),
      notifications: z.array(z.object({ queueArn: z.string(), prefix: z.string(), suffix: z.string() })),
    }),
  ),
});
export type Declaration = z.infer<typeof declarationSchema>;

/** Receives up to `maximum` messages, waiting up to `waitMs` for the first. */
export const receiveOrderSchema = z.object({
  queueArn: z.string(),
  maximum: z.number().int().positive(),
  maximumBytes: z.number().positive(),
  waitMs: z.number().nonnegative(),
});
export type ReceiveOrder = z.infer<typeof receiveOrderSchema>;

export const receivedMessageSchema = z.object({
  messageId: z.string(),
  receiptHandle: z.string(),
  body: z.string(),
  md5OfBody: z.string(),
  sentTimestamp: z.number(),
  receiveCount: z.number(),
  firstReceiveTimestamp: z.number(),
});
export type ReceivedMessage = z.infer<typeof receivedMessageSchema>;
export const receivedSchema = z.object({ messages: z.array(receivedMessageSchema) });

/** Messages to delete or release. */
export const messagesOrderSchema = z.object({ queueArn: z.string(), receiptHandles: z.array(z.string()) });
export type MessagesOrder = z.infer<typeof messagesOrderSchema>;

export const queueDepthsSchema = z.array(
  z.object({ name: z.string(), ready: z.number(), inFlight: z.number(), delayed: z.number() }),
);
export type QueueDepth = z.infer<typeof queueDepthsSchema>[number];

export const localPaths = {
  declare: '/_local/declare',
  receive: '/_local/receive',
  delete: '/_local/delete',
  release: '/_local/release',
  depths: '/_local/depths',
} as const;
