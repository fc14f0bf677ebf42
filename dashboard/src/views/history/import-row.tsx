import { useQuery } from '@tanstack/react-query';
import { type HistoryImportView, historyImportSchema } from '#schemas/history/history-api.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { FormError } from '../../components/field.tsx';
import { Loaded } from '../../components/panel.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { formatFullInstant } from '../../format/times.ts';
import { ImportReport } from './import-report.tsx';

interface ImportRowProps {
  row: HistoryImportView;
  /** Time zone of the page. */
  zone: string;
  isOpen: boolean;
  onToggle: () => void;
}

/** An import with its state, what can be done next, and its report. */
export function ImportRow({ row, zone, isOpen, onToggle }: ImportRowProps) {
  const start = useApiMutation((api, dryRun: boolean) =>
    api.send('post', '/imports/history/:id/start', historyImportSchema, { param: { id: row.id }, json: { dryRun } }),
  );
  const undo = useApiMutation((api) =>
    api.send('delete', '/imports/history/:id', historyImportSchema, { param: { id: row.id } }),
  );
  const isBusy = start.isPending || undo.isPending;
  const accepted = row.totals?.accepted ?? 0;
  return (
    <li className="import-row">
      <span>
        <b dir="auto">{row.fileName}</b> <small>{formatFullInstant(row.createdAt, zone)}</small>
        <br />
        <small role="status">{describe(row)}</small>
      </span>
      <span className="row-actions">
        {row.totals !== null && (
          <button type="button" className="quiet small" aria-expanded={isOpen} onClick={onToggle}>
            {isOpen ? 'Hide report' : 'Show report'}
          </button>
        )}
        {row.state === 'interrupted' && (
          <button type="button" className="quiet small" disabled={isBusy} onClick={() => start.mutate(row.dryRun)}>
            Continue
          </button>
        )}
        {isPreviewed(row) && accepted > 0 && (
          <button type="button" className="primary small" disabled={isBusy} onClick={() => start.mutate(false)}>
            Import {plural(accepted, 'row')}
          </button>
        )}
        {row.state !== 'undone' && row.state !== 'undoing' && (
          <button type="button" className="quiet small danger" disabled={isBusy} onClick={() => undo.mutate(undefined)}>
            {row.state === 'done' && !row.dryRun ? 'Undo import' : 'Discard'}
          </button>
        )}
      </span>
      <FormError error={start.error ?? undo.error} />
      {isOpen && row.totals !== null && <Report row={row} zone={zone} />}
    </li>
  );
}

function isPreviewed({ state, dryRun }: HistoryImportView): boolean {
  return state === 'done' && dryRun;
}

/** Numbers first: what is done, of how much. */
function describe(row: HistoryImportView): string {
  const { state, dryRun, progress, totals, message } = row;
  switch (state) {
    case 'waiting':
      return 'Waiting for its file.';
    case 'running':
      return progress === null ? 'Starting…' : describeProgress(progress, dryRun);
    case 'interrupted':
      return 'Interrupted. Nothing is lost: it goes on where it was.';
    case 'done':
      return `${dryRun ? 'Preview' : 'Imported'}: ${describeTotals(totals, dryRun)}`;
    case 'failed':
      return `Failed: ${message ?? 'the import could not go on.'}`;
    case 'undoing':
      return 'Being taken out of the numbers…';
    case 'undone':
      return dryRun || totals === null
        ? 'Discarded.'
        : 'Undone. Counts are gone at once; events leave the numbers with the next settle.';
    default:
      return state satisfies never;
  }
}

function describeTotals(totals: HistoryImportView['totals'], dryRun: boolean): string {
  if (totals === null) return '';
  const { rows, accepted, refused, repeated } = totals;
  const parts = [`${formatCount(accepted)} of ${plural(rows, 'row')} ${dryRun ? 'can be imported' : 'accepted'}`];
  if (refused > 0) parts.push(`${formatCount(refused)} refused`);
  if (repeated > 0) parts.push(`${formatCount(repeated)} already imported`);
  return `${parts.join(', ')}.`;
}

function describeProgress({ step, done, total }: NonNullable<HistoryImportView['progress']>, dryRun: boolean): string {
  const of = total === null ? '' : ` of ${formatCount(total)}`;
  switch (step) {
    case 'read':
      return `Reading: ${plural(done, 'row')} so far…`;
    case 'events':
      return `${dryRun ? 'Checking' : 'Writing'} events: ${formatCount(done)}${of} files…`;
    case 'counts':
      return `${dryRun ? 'Checking' : 'Writing'} counts: ${formatCount(done)}${of} batches…`;
    case 'report':
      return 'Writing the report…';
    default:
      return step satisfies never;
  }
}

/** Reads the report, again when the state changes. */
function Report({ row: { id, page, state, dryRun }, zone }: Pick<ImportRowProps, 'row' | 'zone'>) {
  const api = useApi();
  const found = useQuery({
    queryKey: ['history-import', id, state],
    queryFn: ({ signal }) => api.send('get', '/imports/history/:id', historyImportSchema, { param: { id }, signal }),
  });
  return (
    <Loaded query={found} rows={3}>
      {({ report, totals }) =>
        report === null || totals === null ? (
          <p className="soft">The report has expired.</p>
        ) : (
          <ImportReport
            report={report}
            totals={totals}
            zone={zone}
            importedTo={state === 'done' && !dryRun && totals.accepted > 0 ? page : undefined}
          />
        )
      }
    </Loaded>
  );
}
