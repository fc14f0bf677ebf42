import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type HistoryImportView, historyImportsSchema } from '#schemas/history/history-api.ts';
import { useApi } from '../../api/context.tsx';
import { readAllRows } from '../../api/lists.ts';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { importPath } from '../../router/routes.ts';
import { ImportForm } from './import-form.tsx';
import { ImportRow } from './import-row.tsx';

const pollMs = 2_000;

/** Imports what other tools have counted for a page: upload, preview, import, and back. @param page its path without the slash */
export function HistoryImports({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  const [opened, setOpened] = useState<string>();
  const imports = useQuery({
    queryKey: ['history-imports', page],
    queryFn: ({ signal }) =>
      readAllRows((request) =>
        api.send('get', '/imports/history', historyImportsSchema, {
          query: { ...request.query, page: `/${page}` },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data?.some(isMoving) ? pollMs : false),
  });
  return (
    <Panel
      title="History of other tools"
      hint={
        <p>
          Exports of Bitly, Dub, Shlink, YOURLS, Kutt, Rebrandly, GoatCounter, Matomo, Plausible and Umami. Single
          visits become events of this page. Counts by hour or day stay apart, and are drawn in another shade.
        </p>
      }
    >
      <p className="soft panel-lead">
        Clicks belong to links that exist: <Link to={importPath(`/${page}`)}>import the links first</Link>, from a file
        or from the API of a tool.
      </p>
      <ImportForm page={page} onPreview={setOpened} />
      <Loaded query={imports} rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty>No imports yet. Choose a file: a preview comes before anything is written.</Empty>
          ) : (
            <ul className="rows">
              {rows.toReversed().map((row) => (
                <ImportRow
                  key={row.id}
                  row={row}
                  zone={zone}
                  isOpen={row.id === opened}
                  onToggle={() => setOpened(row.id === opened ? undefined : row.id)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function isMoving({ state }: HistoryImportView): boolean {
  return state === 'running' || state === 'undoing';
}
