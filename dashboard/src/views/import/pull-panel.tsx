import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type NewPull, pullSchema, pullsSchema } from '#schemas/api/pulls.ts';
import { type PullTool, pullTools } from '#schemas/history/pull.ts';
import { toolName } from '#schemas/history/tool-names.ts';
import { useApi } from '../../api/context.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { readAllRows, useApiMutation } from '../../api/lists.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { Checkbox, SelectField, TextField } from '../../components/inputs.tsx';
import { MoreButton } from '../../components/load-more.tsx';
import { Panel } from '../../components/panel.tsx';
import { PullStatus } from './pull-status.tsx';

interface PullPanelProps {
  /** Path with the slash of the page that is chosen at first, or an empty text. */
  page: string;
  pages: readonly { value: string; label: string }[];
}

interface Draft {
  tool: PullTool;
  page: string;
  server: string;
  site: string;
  group: string;
  token: string;
  history: boolean;
}

const emptyDraft: Draft = { tool: 'bitly', page: '', server: '', site: '', group: '', token: '', history: true };
const fields = ['page', 'server', 'site', 'group', 'token'] as const;

/** Where a tool shows its tokens. */
const helps: Readonly<Record<PullTool, string>> = {
  bitly: 'In Bitly: Settings, Developer settings, API, Generate token.',
  dub: 'In Dub: Settings, API keys, with the scopes links.read and analytics.read.',
  shlink: 'On your server: shlink api-key:generate.',
  plausible: 'In Plausible: Settings, API keys, New API key, Stats API.',
};

const pollMs = 2_000;
/** Pulls that are shown at first, and that each *Show more* adds. */
const pullsShown = 20;

/** Pulls links and history from the API of a tool: a preview first, then the import. */
export function PullPanel({ pages, page }: PullPanelProps) {
  const [draft, setDraft] = useState({ ...emptyDraft, page });
  const [shown, setShown] = useState(pullsShown);
  const api = useApi();
  const pulls = useQuery({
    queryKey: ['pulls', draft.page],
    // The oldest come first, and the newest are shown first.
    queryFn: ({ signal }) =>
      readAllRows(({ query }) =>
        api.send('get', '/imports/pulls', pullsSchema, { query: { ...query, page: draft.page }, signal }),
      ),
    enabled: draft.page !== '',
    refetchInterval: ({ state: { data } }) => (data?.some(({ state }) => state === 'running') ? pollMs : false),
  });
  const create = useApiMutation((client, json: NewPull) => client.send('post', '/imports/pulls', pullSchema, { json }));
  function set(change: Partial<Draft>): void {
    create.reset();
    setDraft({ ...draft, ...change });
  }
  function submit(): void {
    create.mutate(toRequest(draft), { onSuccess: () => setDraft({ ...draft, token: '' }) });
  }
  const rows = pulls.data?.toReversed() ?? [];
  return (
    <Panel title="Import from Bitly, Dub, Shlink or Plausible" className="wide">
      <Form onSubmit={submit}>
        <SelectField
          label="Tool"
          options={pullTools.map((value) => ({ value, label: toolName(value) }))}
          value={draft.tool}
          onChange={(tool) => set({ tool })}
        />
        <SelectField
          label="Page"
          help="Gets the links and their history."
          error={fieldError(create.error, 'page')}
          options={[{ value: '', label: 'Choose a page' }, ...pages]}
          required
          value={draft.page}
          onChange={(page) => set({ page })}
        />
        <ToolFields draft={draft} set={set} error={create.error} />
        <FormError error={create.error} fields={fields} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={create.isPending || draft.page === ''}>
            Preview
          </button>
        </div>
      </Form>
      {rows.length > 0 && (
        <ul className="rows">
          {rows.slice(0, shown).map((pull) => (
            <PullStatus key={pull.id} pull={pull} />
          ))}
        </ul>
      )}
      {rows.length > shown && <MoreButton loading={false} onClick={() => setShown(shown + pullsShown)} />}
    </Panel>
  );
}

interface ToolFieldsProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  error: Error | null;
}

function ToolFields({ draft, set, error }: ToolFieldsProps) {
  const { tool } = draft;
  return (
    <>
      {(tool === 'shlink' || tool === 'plausible') && (
        <TextField
          label="Server"
          help={tool === 'plausible' ? 'Leave it empty for plausible.io.' : 'The https address of your instance.'}
          error={fieldError(error, 'server')}
          type="url"
          placeholder={tool === 'plausible' ? 'https://plausible.io' : 'https://s.example'}
          required={tool === 'shlink'}
          value={draft.server}
          onChange={(server) => set({ server })}
        />
      )}
      {tool === 'plausible' && (
        <TextField
          label="Site"
          help="Its domain, as Plausible names it."
          error={fieldError(error, 'site')}
          placeholder="shop.example"
          required
          value={draft.site}
          onChange={(site) => set({ site })}
        />
      )}
      {tool === 'bitly' && (
        <TextField
          label="Group"
          help="Its id in Bitly. Leave it empty for all groups of the account."
          error={fieldError(error, 'group')}
          placeholder="Ba1bc23dE4F"
          autoComplete="off"
          value={draft.group}
          onChange={(group) => set({ group: group.trim() })}
        />
      )}
      <TextField
        label="Token"
        help={`${helps[tool]} Kept encrypted, and deleted after the import or a day.`}
        error={fieldError(error, 'token')}
        type="password"
        autoComplete="off"
        required
        value={draft.token}
        onChange={(token) => set({ token: token.trim() })}
      />
      {tool !== 'plausible' && (
        <Checkbox
          label="Import the history of clicks, too"
          checked={draft.history}
          onChange={(history) => set({ history })}
        />
      )}
    </>
  );
}

function toRequest({ tool, page, server, site, group, token, history }: Draft): NewPull {
  const common = { page, token, dryRun: true };
  switch (tool) {
    case 'bitly':
      return { tool, ...common, history, ...(group !== '' && { group }) };
    case 'dub':
      return { tool, ...common, history };
    case 'shlink':
      return { tool, ...common, server, history };
    case 'plausible':
      return { tool, ...common, site, ...(server !== '' && { server }) };
    default:
      return tool satisfies never;
  }
}
