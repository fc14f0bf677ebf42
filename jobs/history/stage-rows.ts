import { localTimeOf } from '#core/enrich/local-time.ts';
import type { CountRow } from '#core/history/history-row.ts';
import { createAdmission, type StagedRow } from '#core/history/staged-row.ts';
import { hmacKey } from '#core/visitors/hmac.ts';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';
import { partitionOf, uploadKey } from '#schemas/lake-keys.ts';
import { type ChunkContent, putChunk } from './chunks.ts';
import { createCountedDates } from './counted-dates.ts';
import type { ImportedPage } from './deps.ts';
import { type ReadingNotes, readRows, type SourceRow } from './read-rows.ts';
import { openSource } from './read-texts.ts';
import { rowsAtOnce, type Run } from './run.ts';

/**
 * Reads the file from its start, leaves out the rows that are in chunks, and writes chunks of the others.
 * @param secret of the visitor ids
 * @returns false if the time is over
 * @throws {UnreadableFile}
 */
export async function stageRows(run: Run, page: ImportedPage, secret: Uint8Array): Promise<boolean> {
  const { deps, job } = run;
  const notes: ReadingNotes = { formats: new Set(), notes: new Set(), ignored: new Set() };
  const files = await openSource(deps.files, uploadKey(job.id), job.file.name);
  const counted = createCountedDates({ ...deps, page, path: job.page, importId: job.id });
  const admit = createAdmission({
    page: job.page,
    timeZone: page.settings.timeZone,
    links: page.links,
    ignoreCase: deps.ignoreCase,
    ownSince: page.ownSince,
    until: job.until ?? undefined,
    firstDate: deps.firstDate,
    now: deps.now(),
    salt: hmacKey(secret),
    findCounts: counted.find,
  });
  const { mostRows: most = historyLimits.rows } = deps;
  let chunk = createChunk(page);
  let passed = 0;
  let { rows, chunks } = job.cursor;
  async function write(): Promise<void> {
    await putChunk(deps.files, job, chunks, chunk.content(notes));
    rows += chunk.rows();
    chunks += 1;
    await run.move({ step: 'read', rows, chunks, done: rows, total: null });
    chunk = createChunk(page);
  }
  for await (const batch of readRows(files, job, notes)) {
    // The others are in chunks.
    const fresh = batch.slice(Math.max(0, job.cursor.rows - passed));
    passed += batch.length - fresh.length;
    if (job.until === null) await counted.load(fresh);
    for (const each of fresh) {
      passed += 1;
      if (passed > most)
        throw new UnreadableFile(`the file has more than ${most.toLocaleString('en')} rows. Divide it`);
      chunk.add(each, admit);
      if (chunk.rows() < rowsAtOnce(deps)) continue;
      await write();
      if (run.isOver()) return false;
    }
  }
  if (chunk.rows() > 0 || chunks === 0) await write();
  return true;
}

type Admit = ReturnType<typeof createAdmission>;

function createChunk({ settings: { timeZone } }: ImportedPage) {
  const rows = new Map<string, StagedRow[]>();
  const counts = new Map<string, CountRow[]>();
  const refusals: ChunkContent['summary']['refusals'] = [];
  const [months, reasons, unknownCodes] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  let [seen, accepted] = [0, 0];
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

  function refuse(
    file: string,
    { line, column, value, reason }: { line: number; column: string | null; value: string | null; reason: string },
  ) {
    count(reasons, groupReason(reason));
    if (refusals.length < historyLimits.refusals)
      refusals.push({ file, line, column, value: value?.slice(0, historyLimits.value) ?? null, reason });
  }

  return {
    rows: () => seen,
    add: (each: SourceRow, admit: Admit): void => {
      seen += 1;
      if (each.kind === 'refused') return refuse(each.file, each.refusal);
      const { row, tool, file } = each;
      if (row.grain !== 'raw') {
        accepted += 1;
        pushTo(counts, `${tool}\n${file}`, row);
        return undefined;
      }
      const admission = admit(row, tool);
      if (admission.kind === 'refused') {
        if (admission.unknownCode !== undefined && unknownCodes.size < mostCodes)
          count(unknownCodes, admission.unknownCode.slice(0, historyLimits.value));
        return refuse(file, admission.refusal);
      }
      accepted += 1;
      [first, last] = [Math.min(first, row.at), Math.max(last, row.at)];
      pushTo(rows, partitionOf(row.at).dt, admission.row);
      count(months, `${admission.row.link ?? ''} ${localTimeOf(timeZone, row.at).date.slice(0, 7)}`);
      return undefined;
    },
    content: ({ formats, notes, ignored }: ReadingNotes): ChunkContent => ({
      summary: {
        rows: seen,
        accepted,
        months: Object.fromEntries(months),
        first: Number.isFinite(first) ? first : null,
        last: Number.isFinite(last) ? last : null,
        refusals,
        reasons: Object.fromEntries(reasons),
        unknownCodes: Object.fromEntries(unknownCodes),
        formats: [...formats],
        notes: [...notes],
        ignored: [...ignored],
      },
      rows,
      counts,
    }),
  };
}

const mostCodes = 1000;

/** Reasons that name a link or a moment are one. */
function groupReason(reason: string): string {
  return reason.replace(/^overlaps: .*/s, 'overlaps with what is counted here');
}

function count(sums: Map<string, number>, name: string): void {
  sums.set(name, (sums.get(name) ?? 0) + 1);
}

function pushTo<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list) list.push(value);
  else lists.set(name, [value]);
}
