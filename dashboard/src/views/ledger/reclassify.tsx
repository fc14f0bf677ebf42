import { useState } from 'react';
import { type NewRule, type RuleEffect, ruleEffectSchema } from '#schemas/api/ledger.ts';
import { ruleFieldNames } from '#schemas/dimensions.ts';
import { useApiMutation } from '../../api/lists.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { Dialog } from '../../components/dialog.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { FormError } from '../../components/field.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';

export const ruleFieldLabels: Readonly<Record<NewRule['field'], string>> = {
  bot: 'Bot name',
  rule: 'Outcome rule',
  referrer: 'Referring site',
  country: 'Country',
  browser: 'Browser',
  asn: 'Network number (ASN)',
  visitor: 'Visitor id',
};

type Proposal = Pick<NewRule, 'field' | 'value' | 'outcome'>;

const outcomeOptions = [
  { value: 'counted', label: 'Counted' },
  { value: 'bot', label: 'Bot (not counted)' },
] as const;

interface ReclassifyProps {
  page: string;
  proposal: Proposal;
  onClose: () => void;
}

/** Adds a reclassification rule, after a preview of its effect. */
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
    <Dialog title={rule.outcome === 'counted' ? 'Count these events' : 'Exclude these events'} onClose={onClose}>
      <div className="form">
        <div className="form-row">
          <SelectField
            label="Field"
            options={ruleFieldNames.map((field) => ({ value: field, label: ruleFieldLabels[field] }))}
            value={rule.field}
            onChange={(field) => change({ field })}
          />
          <TextField
            label="Value"
            error={fieldError(send.error, 'value')}
            maxLength={253}
            value={rule.value}
            onChange={(value) => change({ value })}
          />
          <SelectField
            label="New outcome"
            options={outcomeOptions}
            value={rule.outcome}
            onChange={(outcome) => change({ outcome })}
          />
        </div>
        <p className="soft">
          The rule applies to past and future events of this page. Affected hours are recounted. To restore the previous
          numbers, remove the rule.
        </p>
        {effect && <Effect effect={effect} />}
        {send.data?.rule && (
          <p className="done" role="status">
            Rule applied. The numbers change as the affected hours are recounted.
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
            {send.isPending ? 'Working…' : 'Preview'}
          </button>
          <button
            type="button"
            className="primary"
            disabled={send.isPending || effect === undefined}
            onClick={() => send.mutate(false)}
          >
            Apply rule
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
        Changes <b>{plural(effect.events, 'event')}</b> in {plural(effect.hours, 'hour')}:
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
