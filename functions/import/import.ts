import type { ImportDeps } from '#jobs/history/deps.ts';
import { runImport, type RunOutcome } from '#jobs/history/run-import.ts';
import { importPayloadSchema } from '#schemas/history/history-job.ts';

/** Milliseconds before the end of its time at which a run starts the next one: the longest unit takes a tenth of it. */
const margin = 120_000;

/** Creates the handler that goes on with an import. A run that fails is tried again by Lambda, and goes on where it was. */
export function createImportHandler(deps: ImportDeps) {
  return async (payload: unknown, context?: { getRemainingTimeInMillis: () => number }): Promise<RunOutcome> => {
    const { id } = importPayloadSchema.parse(payload);
    const left = context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
    return runImport(deps, id, deps.now() + Math.max(0, left - margin));
  };
}
