import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { pagesSchema } from '#schemas/api/pages.ts';
import { useApi } from '../api/context.tsx';
import { type Choice, Chooser } from './chooser.tsx';

/** The API's limit. */
const maxPages = 500;
const shown = 8;

interface PagesFieldProps {
  error: string | undefined;
  chosen: readonly Choice[];
  onChange: (chosen: Choice[]) => void;
}

/** Chooses pages by title or path. */
export function PagesField({ error, chosen, onChange }: PagesFieldProps) {
  const api = useApi();
  const [search, setSearch] = useState('');
  const term = useDeferredValue(search.trim());
  const pages = useQuery({
    queryKey: ['choose', 'pages', term, chosen.length],
    // Those that are chosen are not offered again.
    queryFn: ({ signal }) =>
      api.send('get', '/pages', pagesSchema, {
        query: { search: term, limit: Math.min(200, shown + chosen.length) },
        signal,
      }),
    placeholderData: keepPreviousData,
  });
  return (
    <Chooser
      label="Pages"
      help="Type a title or a path."
      error={error}
      chosen={chosen}
      onChange={onChange}
      search={search}
      onSearch={setSearch}
      choices={(pages.data?.rows ?? []).map(({ path, title }) => ({ value: path, label: title, note: path }))}
      none={pages.isFetching ? 'Searching…' : 'No matching pages.'}
      max={maxPages}
    />
  );
}
