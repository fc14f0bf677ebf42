import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { pullSchema, type PullView } from '#schemas/api/pulls.ts';
import { toolName } from '#schemas/history/tool-names.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { FormError } from '../../components/field.tsx';
import { TextField } from '../../components/inputs.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { formatInstant } from '../../format/times.ts';
import { Link } from '../../router/link.tsx';
import { pagePath, settingsPath } from '../../router/routes.ts';
import { useNow } from '../../range/use-now.ts';

const stateNames: Readonly<Record<PullView['state'], string>> = {
  running: 'Running',
  waiting: 'Waiting',
  paused: 'Paused',
  interrupted: 'Interrupted',
  failed: 'Failed',
  previewed: 'Preview',
  done: 'Done',
};

/** One pull: what it has found, what becomes of it, and what can be done with it. */
export function PullStatus({ pull }: { pull: PullView }) {
  const [token, setToken] = useState('');
  const { id, tool, from, state } = pull;
  const param = { id };
  const start = useApiMutation((api) =>
    api.send('post', '/imports/pulls/:id/start', pullSchema, { param, json: token === '' ? {} : { token } }),
  );
  const remove = useApiMutation((api) => api.remove('/imports/pulls/:id', { param }));
  const isOver = state === 'previewed' || state === 'done';
  return (
    <li>
      <span>
        <b>{toolName(tool)}</b> {from !== null && <span dir="auto">{from} </span>}
        <span className="badge">{stateNames[state]}</span>
        <br />
        <small role="status">{describe(pull)}</small>
        <WhyNot pull={pull} />
        {state === 'done' && (
          <small>
            <Link to={pagePath(pull.page.slice(1), 'links')}>See the links</Link>
            {pull.found.first !== null && (
              <>
                {' '}
                · <Link to={settingsPath(pull.page.slice(1), 'data')}>See the import of the history</Link>
              </>
            )}
          </small>
        )}
        {isOver && <Details id={id} />}
        {state === 'paused' && (
          <TextField
            label="Another token"
            help="Only if the message says that the token was refused or deleted."
            type="password"
            autoComplete="off"
            value={token}
            onChange={(next) => setToken(next.trim())}
          />
        )}
        <FormError error={start.error ?? remove.error} />
      </span>
      <span className="row-actions">
        {(state === 'previewed' || state === 'paused' || state === 'interrupted') && (
          <button
            type="button"
            className={state === 'previewed' ? 'primary small' : 'quiet small'}
            disabled={start.isPending}
            onClick={() => start.mutate(undefined)}
          >
            {state === 'previewed' ? 'Import' : 'Continue'}
          </button>
        )}
        <button
          type="button"
          className="quiet small danger"
          disabled={remove.isPending}
          onClick={() => remove.mutate(undefined)}
        >
          {isOver || state === 'failed' ? 'Remove from list' : 'Stop'}
        </button>
      </span>
    </li>
  );
}

function describe({ state, found, links, requests, dryRun }: PullView): string {
  const clicks =
    found.first === null
      ? 'no history'
      : `${formatCount(found.count)} clicks or views from ${found.first} to ${found.last}`;
  if (state === 'failed') return 'Nothing was imported. Pull again with another value.';
  if (state !== 'previewed' && state !== 'done')
    return `${plural(found.links, 'link')} and ${plural(found.rows, 'row')} of history so far, in ${plural(requests, 'request')}.`;
  const verb = dryRun ? 'to import' : 'imported';
  return `${plural(links.accepted, 'link')} ${verb}, ${formatCount(links.repeated)} that exist, ${formatCount(links.refused)} refused; ${clicks}.`;
}

/** Why a pull waits, is paused or has failed, and what does not come along. */
function WhyNot({ pull: { state, message, continuesAt, notes } }: { pull: PullView }) {
  const now = useNow();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      {message !== null && (
        <p className={state === 'paused' || state === 'failed' ? 'error' : 'soft'}>
          {message.charAt(0).toUpperCase() + message.slice(1)}
          {continuesAt !== null && `. Continues ${formatInstant(continuesAt, zone, now)}`}.
        </p>
      )}
      {notes.length > 0 && (
        <ul className="soft">
          {notes.map(({ text, count }) => (
            <li key={text}>
              {formatCount(count)} × {text}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** A longer list says less than its beginning. */
const longestList = 100;

function Details({ id }: { id: string }) {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ['pull', id],
    queryFn: ({ signal }) => api.send('get', '/imports/pulls/:id', pullSchema, { param: { id }, signal }),
  });
  if (!data?.refused?.length) return null;
  return (
    <details>
      <summary>Show refused links</summary>
      <ul className="soft">
        {data.refused.slice(0, longestList).map(({ link, message }) => (
          <li key={link + message} dir="auto" style={{ overflowWrap: 'anywhere' }}>
            <b>{link}</b> {message}
          </li>
        ))}
      </ul>
    </details>
  );
}
