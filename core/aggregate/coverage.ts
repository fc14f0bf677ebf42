import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { HourDelta } from './count-events.ts';

/**
 * What a chunk of a raw file covered, as its marker records it: by time, then by entity, either the whole item
 * (`true`) or the attributes that this chunk added. Names and not positions, so that any later way of cutting a file
 * into chunks can subtract what an earlier one has done.
 */
const coverageSchema = z.record(z.string(), z.record(z.string(), z.union([z.literal(true), z.array(z.string())])));
export type Coverage = z.infer<typeof coverageSchema>;

/** One update of one item: the whole delta, or a part of one that holds too many numbers for one update. */
export interface Step extends HourDelta {
  whole: boolean;
}

/** An UpdateExpression holds at most 300 operators; the rest are for the expiry, with room for one more. */
export const maxNumbersPerUpdate = 298;

/** A transaction holds at most 100 actions: 99 updates and the marker. */
export const maxStepsPerChunk = 99;

/** Deflated JSON: 99 items take about 1 KB, and an item of DynamoDB is billed by the KB. */
export function encodeCoverage(coverage: Coverage): Uint8Array {
  return deflateRawSync(Buffer.from(JSON.stringify(coverage), 'utf8'));
}

/** @throws {z.ZodError | SyntaxError | Error} when the bytes are no coverage */
export function decodeCoverage(bytes: Uint8Array): Coverage {
  return coverageSchema.parse(JSON.parse(inflateRawSync(bytes).toString('utf8')));
}

export function coverageOf(steps: readonly Step[]): Coverage {
  const coverage: Coverage = {};
  for (const step of steps) (coverage[step.hour] ??= {})[step.entity] = step.whole || Object.keys(step.add);
  return coverage;
}

/** What is left to do of a file, in the order of its deltas. */
export function remainingSteps(deltas: readonly HourDelta[], done: readonly Coverage[]): Step[] {
  return deltas.flatMap((delta) => {
    const rest = subtract(delta, done);
    return rest === undefined ? [] : split(rest);
  });
}

/** The rest of a delta after the given chunks, or undefined when they covered it. */
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
 * Takes the next transaction's steps. A transaction may touch an item only once, so a second part of an item waits
 * for the next one.
 */
export function takeChunk(steps: readonly Step[], size = maxStepsPerChunk): { chunk: Step[]; rest: Step[] } {
  const chunk: Step[] = [];
  const rest: Step[] = [];
  let last: Step | undefined;
  for (const step of steps) {
    // Parts of one item are neighbours.
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
