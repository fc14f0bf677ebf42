import { useState } from 'react';
import { type NewRule, type RuleEffect, ruleEffectSchema } from '#schemas/api/ledger.ts';
import { ruleFieldNames } from '#schemas/rule-fields.ts';
import { useApiMutation } from '../../api/lists.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Field, fieldError, FormError } from '../../components/field.tsx';

export const ruleFieldLabels: Readonly<Record<NewRule['field'], string>> = {
  bot: 'Name of the bot',
  rule: 'Rule that decided',
  referrer: 'Referring site',
  country: 'Country',
  browser: 'Browser',
  asn: 'Network number',
  visitor: 'Visitor of a day',
};

type Proposal = Pick<NewRule, 'field' | 'value' | 'outcome'>;

interface ReclassifyProps {
  page: string;
  proposal: Proposal;
  onClose: () => void;
}

/** A rule with its effect shown before it is applied. */
export function Reclassify({ page, proposal, onClose }: ReclassifyProps) {
  const [rule, setRule] = useState(proposal);
  const send = useApiMutation((api, preview: boolean) =>
    api.send('post', '/pages/:page/reclassify', ruleEffectSchema, { param: { page }, json: { ...rule, preview } }),
  );
  function change(next: Partial<Proposal>): void {
    send.reset();
    setRule({ ...rule, ...next });
  }
  const effect = send.data?.rule === null ? send.data : undefined;
  return (
    <Dialog title={rule.outcome === 'counted' ? 'Count these events' : 'Do not count these events'} onClose={onClose}>
      <div className="form">
        <div className="form-row">
          <Field label="Events whose">
            {(control) => (
              <select
                {...control}
                value={rule.field}
                onChange={({ target }) => change({ field: target.value as NewRule['field'] })}
              >
                {ruleFieldNames.map((field) => (
                  <option key={field} value={field}>
                    {ruleFieldLabels[field]}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="is" error={fieldError(send.error, 'value')}>
            {(control) => (
              <input
                {...control}
                maxLength={253}
                value={rule.value}
                onChange={({ target }) => change({ value: target.value })}
              />
            )}
          </Field>
          <Field label="become">
            {(control) => (
              <select
                {...control}
                value={rule.outcome}
                onChange={({ target }) => change({ outcome: target.value as NewRule['outcome'] })}
              >
                <option value="counted">Counted</option>
                <option value="bot">Bots</option>
              </select>
            )}
          </Field>
        </div>
        <p className="soft">
          The rule holds for this page, for stored events and for those to come. The hours concerned settle again;
          removing the rule brings the old numbers back.
        </p>
        {effect && <Effect effect={effect} />}
        {send.data?.rule && (
          <p className="done" role="status">
            Applied. The numbers follow as the hours settle.
          </p>
        )}
        <FormError error={send.error} fields={['value']} />
        <div className="form-actions">
          <button
            type="button"
            className="quiet"
            disabled={send.isPending || rule.value === ''}
            onClick={() => send.mutate(true)}
          >
            {send.isPending ? 'Working…' : 'Show the effect'}
          </button>
          <button
            type="button"
            className="primary"
            disabled={send.isPending || effect === undefined}
            onClick={() => send.mutate(false)}
          >
            Apply
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Effect({ effect }: { effect: RuleEffect }) {
  return (
    <div className="effect" role="status">
      <p>
        It would change <b>{plural(effect.events, 'event')}</b> in {plural(effect.hours, 'hour')}:
      </p>
      <dl>
        {(['views', 'clicks'] as const).map((name) => (
          <div key={name}>
            <dt>{name === 'views' ? 'Views' : 'Clicks'}</dt>
            <dd>
              {formatCount(effect[name].before)} → <b>{formatCount(effect[name].after)}</b>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
