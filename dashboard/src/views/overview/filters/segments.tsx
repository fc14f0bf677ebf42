import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { segmentsSchema } from '#schemas/api/saved.ts';
import { useApi } from '../../../api/context.tsx';
import { isSame } from './change-filters.ts';
import type { Filters } from './use-filters.ts';

interface SegmentsProps {
  page: string;
  filters: Filters;
  readOnly: boolean;
}

const custom = 'custom';
const edit = 'edit';

/** Chooses a segment of the page, or saves the filters as one. */
export function Segments({ page, filters, readOnly }: SegmentsProps) {
  const [editing, setEditing] = useState(false);
  const segments = useSegments(page).data ?? [];
  const chosen = segments.find((segment) => isSame(segment.filters, filters.filters));
  function choose(id: string): void {
    if (id === edit) setEditing(true);
    else filters.set(segments.find((segment) => segment.id === id)?.filters ?? []);
  }
  const isCustom = filters.filters.length > 0 && chosen === undefined;
  return (
    <>
      {segments.length > 0 && (
        <select
          aria-label="Segment"
          value={chosen?.id ?? (isCustom ? custom : '')}
          onChange={({ target }) => choose(target.value)}
        >
          <option value="">All traffic</option>
          {isCustom && <option value={custom}>Filters below</option>}
          <optgroup label="Segments">
            {segments.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </optgroup>
          {!readOnly && <option value={edit}>Edit segments…</option>}
        </select>
      )}
      {!readOnly && isCustom && (
        <button type="button" className="quiet small" onClick={() => setEditing(true)}>
          Save segment
        </button>
      )}
      {editing && (
        <Suspense>
          <SegmentsDialog page={page} segments={segments} filters={filters} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </>
  );
}

const SegmentsDialog = lazy(() => import('./segments-dialog.tsx'));

function useSegments(page: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['segments', page],
    queryFn: async ({ signal }) =>
      (await api.send('get', '/pages/:page/segments', segmentsSchema, { param: { page }, signal })).rows,
  });
}
