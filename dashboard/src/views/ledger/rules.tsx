import { useState } from 'react';
import { type NewRule, rulesSchema } from '#schemas/api/ledger.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { formatDate } from '../../format/times.ts';
import { FormError } from '../../components/field.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Panel } from '../../components/panel.tsx';
import { Reclassify, ruleFieldLabels } from './reclassify.tsx';

const blank: Pick<NewRule, 'field' | 'value' | 'outcome'> = { field: 'referrer', value: '', outcome: 'bot' };

/** The reclassification rules of a page. */
export function Rules({ page }: { page: string }) {
  const [adding, setAdding] = useState(false);
  const rules = useList(['rules', page], (api, { signal }) =>
    api.send('get', '/pages/:page/reclassify', rulesSchema, { param: { page }, signal }),
  );
  const remove = useApiMutation((api, id: string) =>
    api.remove('/pages/:page/reclassify/:rule', { param: { page, rule: id } }),
  );
  return (
    <Panel
      title="Reclassification rules"
      className="wide"
      actions={
        <button type="button" className="quiet" onClick={() => setAdding(true)}>
          Add rule
        </button>
      }
    >
      {adding && <Reclassify page={page} proposal={blank} onClose={() => setAdding(false)} />}
      <FormError error={remove.error} />
      <LoadMore query={rules} empty="No rules yet. Add a rule, or start from an example above.">
        {(rows) => (
          <ul className="rows">
            {rows.map((rule) => (
              <li key={rule.id}>
                <span>
                  {ruleFieldLabels[rule.field]} is <b dir="auto">{rule.value}</b>:{' '}
                  {rule.outcome === 'counted' ? 'counted' : 'not counted (bot)'}{' '}
                  <small>since {formatDate(rule.createdAt.slice(0, 10))}</small>
                </span>
                <button
                  type="button"
                  className="quiet small"
                  disabled={remove.isPending}
                  onClick={() => remove.mutate(rule.id)}
                >
                  Remove rule
                </button>
              </li>
            ))}
          </ul>
        )}
      </LoadMore>
    </Panel>
  );
}
