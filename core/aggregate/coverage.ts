import { inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { HourDelta } from './count-events.ts';

/**
 * What a chunk of a raw file has added, as versions before merged groups recorded it: by hour, then by entity, either the
 * whole item (`true`) or the attributes. Such markers live for 40 days after an upgrade.
 */
const coverageSchema = z.record(z.string(), z.record(z.string(), z.union([z.literal(true), z.array(z.string())])));
export type Coverage = z.infer<typeof coverageSchema>;

/** @throws {z.ZodError | SyntaxError | Error} if the bytes are not a valid coverage */
export function decodeCoverage(bytes: Uint8Array): Coverage {
  return coverageSchema.parse(JSON.parse(inflateRawSync(bytes).toString('utf8')));
}

/** Returns what the given chunks left of a file's deltas. */
export function remainingDeltas(deltas: readonly HourDelta[], done: readonly Coverage[]): HourDelta[] {
  return deltas.flatMap((delta) => {
    const add = { ...delta.add };
    for (const coverage of done) {
      const covered = coverage[delta.hour]?.[delta.entity];
      if (covered === true) return [];
      for (const attribute of covered ?? []) delete add[attribute];
    }
    return Object.keys(add).length === 0 ? [] : [{ ...delta, add }];
  });
}
