import { z } from 'zod';
import { faultServices, serviceChangesSchema } from '../fault-injection/service-faults.ts';

/** Configures the backends process; sent once over the IPC channel. */
export const backendsOrderSchema = z.object({
  dataDirectory: z.string(),
  region: z.string(),
  /** Path of a dynoxide binary. */
  dynoxide: z.string(),
});
export type BackendsOrder = z.infer<typeof backendsOrderSchema>;

/** Sent over the IPC channel after each change of the injected faults. */
export const faultsOrderSchema = z.object({ serviceFaults: serviceChangesSchema });
export type FaultsOrder = z.infer<typeof faultsOrderSchema>;

/** Messages of the process: ready, why it failed to start, or the message of a call that a role does not allow. */
export const backendsReportSchema = z.union([
  z.object({ kind: z.literal('ready'), queuesUrl: z.string(), gateUrl: z.string(), tablesUrl: z.string() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
  z.object({ kind: z.literal('denied'), message: z.string() }),
]);
export type BackendsReport = z.infer<typeof backendsReportSchema>;

const statement = {
  effect: z.enum(['Allow', 'Deny']),
  actions: z.array(z.string()).readonly(),
  resources: z.array(z.string()).readonly(),
  conditions: z
    .array(
      z.object({
        operator: z.enum([
          'Bool',
          'StringEquals',
          'StringLike',
          'ForAllValues:StringEquals',
          'ForAllValues:StringLike',
        ]),
        key: z.string(),
        values: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
};

/** Declares queues, buckets and who may use them, after the template is interpreted with the addresses of `ready`. */
export const declarationSchema = z.object({
  roles: z
    .array(
      z.object({ functionName: z.string(), roleName: z.string(), statements: z.array(z.object(statement)).readonly() }),
    )
    .readonly(),
  resourceStatements: z.array(z.object({ ...statement, principals: z.array(z.string()).readonly() })).readonly(),
  /** Queues and buckets that can fail, with their service. */
  services: z.record(z.string(), z.enum(faultServices)),
  queues: z.array(z.object({ name: z.string(), arn: z.string(), attributes: z.record(z.string(), z.string()) })),
  buckets: z.array(
    z.object({
      name: z.string(),
      notifications: z.array(z.object({ queueArn: z.string(), prefix: z.string(), suffix: z.string() })).readonly(),
      crossOrigin: z
        .array(
          z.object({
            methods: z.array(z.string()).readonly(),
            origins: z.array(z.string()).readonly(),
            headers: z.array(z.string()).readonly(),
          }),
        )
        .readonly(),
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
