import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { HourDelta } from './count-events.ts';

/**
 * What a chunk of a raw file has applied, as recorded in its marker: by hour, then by entity, either the whole item
 * (`true`) or the attributes added. It uses names, not positions, so that a later version that splits files differently
 * can still subtract it.
 */
const coverageSchema = z.record(z.string(), z.record(z.string(), z.union([z.literal(true), z.array(z.string())])));
export type Coverage = z.infer<typeof coverageSchema>;

/** One update of one item: a whole delta, or a part of one that is too large for one update. */
export interface Step extends HourDelta {
  whole: boolean;
}

/** An UpdateExpression has at most 300 operators. One sets the expiry, and one is spare. */
export const maxNumbersPerUpdate = 298;

/** A transaction has at most 100 actions: 99 updates and the marker. */
export const maxStepsPerChunk = 99;

/** Encodes as deflated JSON: 99 items take about 1 KB, and DynamoDB bills writes by the KB. */
export function encodeCoverage(coverage: Coverage): Uint8Array {
  return deflateRawSync(Buffer.from(JSON.stringify(coverage), 'utf8'));
}

/** @throws {z.ZodError | SyntaxError | Error} if the bytes are not a valid coverage */
export function decodeCoverage(bytes: Uint8Array): Coverage {
  return coverageSchema.parse(JSON.parse(inflateRawSync(bytes).toString('utf8')));
}

export function toCoverage(steps: readonly Step[]): Coverage {
  const coverage: Coverage = {};
  for (const step of steps) (coverage[step.hour] ??= {})[step.entity] = step.whole || Object.keys(step.add);
  return coverage;
}

/** Returns the remaining steps of a file, in the order of its deltas. */
export function remainingSteps(deltas: readonly HourDelta[], done: readonly Coverage[]): Step[] {
  return deltas.flatMap((delta) => {
    const rest = subtract(delta, done);
    return rest === undefined ? [] : split(rest);
  });
}

/** Returns what the given chunks left of a delta, or undefined if nothing. */
function subtract(delta: HourDelta, done: readonly Coverage[]): Step | undefined {
  let add: Record<string, number> | undefined;
  for (const coverage of done) {
    const covered = coverage[delta.hour]?.[delta.entity];
    if (covered === true) return undefined;
    if (covered === undefined) continue;
    add ??= { ...delta.add };
    for (const attribute of covered) delete add[attribute];
  }
  if (add === undefined) return { ...delta, whole: true };
  return Object.keys(add).length === 0 ? undefined : { ...delta, add, whole: false };
}

function split(step: Step): Step[] {
  const numbers = Object.entries(step.add);
  if (numbers.length <= maxNumbersPerUpdate) return [step];
  const parts = Math.ceil(numbers.length / maxNumbersPerUpdate);
  return Array.from({ length: parts }, (_, part) => ({
    ...step,
    whole: false,
    add: Object.fromEntries(numbers.slice(part * maxNumbersPerUpdate, (part + 1) * maxNumbersPerUpdate)),
  }));
}

/**
 * Takes the steps of the next transaction. A transaction may update an item only once, so a second part of an item
 * waits for the next transaction.
 */
export function takeChunk(steps: readonly Step[], size = maxStepsPerChunk): { chunk: Step[]; rest: Step[] } {
  const chunk: Step[] = [];
  const rest: Step[] = [];
  let last: Step | undefined;
  for (const step of steps) {
    // Parts of one item are adjacent.
    const again = last !== undefined && last.entity === step.entity && last.hour === step.hour;
    if (chunk.length < size && !again) {
      chunk.push(step);
      last = step;
    } else {
      rest.push(step);
    }
  }
  return { chunk, rest };
}
