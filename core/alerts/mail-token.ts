import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { outgoingKinds } from '#schemas/alerts.ts';

/**
 * Signed content of a link in a mail. It holds nothing that the mail does not, no address, and nothing that another link
 * could be built from.
 */
const tokenSchema = z.discriminatedUnion('does', [
  z.object({
    does: z.literal('unsubscribe'),
    recipient: z.string(),
    kind: z.enum(outgoingKinds),
    /** Page or agency that the mail is about; `*` for confirmations of any page. */
    subject: z.string(),
  }),
  z.object({
    does: z.literal('confirm'),
    recipient: z.string(),
    page: z.string(),
    /** Milliseconds since the epoch. */
    expires: z.number(),
  }),
  z.object({
    does: z.literal('feedback'),
    recipient: z.string(),
    page: z.string(),
    incident: z.string(),
    answer: z.enum(['useful', 'not-useful']),
  }),
  z.object({ does: z.literal('logo'), agency: z.string() }),
]);
export type MailToken = z.infer<typeof tokenSchema>;

/** Subject of a recipient's refusal of every further confirmation. */
export const everyPage = '*';

export function signToken(token: MailToken, secret: string): string {
  const text = Buffer.from(JSON.stringify(token)).toString('base64url');
  return `${text}.${macOf(secret, 'token', text).toString('base64url')}`;
}

/** 128 bits. */
const macBytes = 16;

function macOf(secret: string, purpose: string, text: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}\0${text}`).digest().subarray(0, macBytes);
}

/** Returns undefined for a token that this stack did not sign. */
export function readToken(signed: string, secret: string): MailToken | undefined {
  const [text = '', mac = '', ...rest] = signed.split('.');
  const given = Buffer.from(mac, 'base64url');
  if (rest.length > 0 || given.length !== macBytes || !timingSafeEqual(given, macOf(secret, 'token', text)))
    return undefined;
  return tokenSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString())).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the id of a recipient for links and logs, which never hold addresses. */
export function recipientId(address: string, secret: string): string {
  return macOf(secret, 'recipient', address.trim().toLowerCase()).toString('hex');
}
