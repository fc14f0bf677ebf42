import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const mailSchema = z.object({
  id: z.string(),
  sentAt: z.number(),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  html: z.string().nullable(),
  text: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
});
export type Mail = z.infer<typeof mailSchema>;

/** Stores the emails that the stack sends. `list` returns the newest first. */
export interface Outbox {
  add: (mail: Mail) => void;
  list: () => readonly Mail[];
  find: (id: string) => Mail | undefined;
}

export function createOutbox(file: string): Outbox {
  mkdirSync(path.dirname(file), { recursive: true });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const mails = lines.flatMap((line) => {
    const parsed = line === '' ? undefined : mailSchema.safeParse(JSON.parse(line));
    return parsed?.success ? [parsed.data] : [];
  });
  return {
    add: (mail) => {
      mails.push(mail);
      appendFileSync(file, `${JSON.stringify(mail)}\n`);
    },
    list: () => mails.toReversed(),
    find: (id) => mails.find((mail) => mail.id === id),
  };
}

const part = z.object({ Data: z.string() });

const sendInput = z.object({
  FromEmailAddress: z.string().default(''),
  Destination: z
    .object({
      ToAddresses: z.array(z.string()).default([]),
      CcAddresses: z.array(z.string()).default([]),
      BccAddresses: z.array(z.string()).default([]),
    })
    .default({ ToAddresses: [], CcAddresses: [], BccAddresses: [] }),
  Content: z.object({
    Simple: z
      .object({
        Subject: part,
        Body: z.object({ Html: part.optional(), Text: part.optional() }),
        Headers: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
      })
      .optional(),
    Raw: z.object({ Data: z.string() }).optional(),
  }),
});

/** Parses the body of SES's SendEmail. */
export function parseMail(input: unknown, id: string, sentAt: number): Mail {
  const { FromEmailAddress, Destination, Content } = sendInput.parse(input);
  const { Simple, Raw } = Content;
  return {
    id,
    sentAt,
    from: FromEmailAddress,
    to: [...Destination.ToAddresses, ...Destination.CcAddresses, ...Destination.BccAddresses],
    subject: Simple?.Subject.Data ?? '(raw message)',
    html: Simple?.Body.Html?.Data ?? null,
    text: Simple?.Body.Text?.Data ?? (Raw ? Buffer.from(Raw.Data, 'base64').toString() : null),
    headers: Object.fromEntries((Simple?.Headers ?? []).map(({ Name, Value }) => [Name, Value])),
  };
}
