import { useState } from 'react';
import {
  type Funnel,
  funnelLimits,
  funnelSchema,
  type FunnelStep,
  type NewFunnel,
} from '#schemas/api/insights/funnels.ts';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { MoveButtons, moved } from '../editor/move-buttons.tsx';
import { EventField, parseMatch } from './event-field.tsx';

interface FunnelDialogProps {
  page: string;
  zone: string;
  /** The funnel that is changed. @default - a new one */
  stored: Funnel | undefined;
  onSaved: (id: string | null) => void;
  onClose: () => void;
}

interface Draft extends Pick<Funnel, 'name' | 'unit' | 'windowDays'> {
  steps: readonly { key: number; step: FunnelStep }[];
}

/** Makes, changes or deletes a funnel. */
export default function FunnelDialog({ page, zone, stored, onSaved, onClose }: FunnelDialogProps) {
  const [draft, setDraft] = useState<Draft>(() => toDraft(stored ?? emptyFunnel));
  const save = useApiMutation((api, json: NewFunnel) =>
    stored === undefined
      ? api.send('post', '/pages/:page/funnels', funnelSchema, { param: { page }, json })
      : api.send('put', '/pages/:page/funnels/:id', funnelSchema, { param: { page, id: stored.id }, json }),
  );
  const remove = useApiMutation((api, id: string) => api.remove('/pages/:page/funnels/:id', { param: { page, id } }));
  const { steps } = draft;
  function setSteps(next: Draft['steps']): void {
    setDraft({ ...draft, steps: next });
  }
  function finish(id: string | null): void {
    onSaved(id);
    onClose();
  }
  return (
    <Dialog title={stored === undefined ? 'New funnel' : 'Edit funnel'} onClose={onClose}>
      <Form onSubmit={() => save.mutate(toFunnel(draft), { onSuccess: ({ id }) => finish(id) })}>
        <TextField
          label="Name"
          help="Everyone who sees the page can use it."
          required
          maxLength={funnelLimits.name}
          value={draft.name}
          error={fieldError(save.error, 'name')}
          onChange={(name) => setDraft({ ...draft, name })}
        />
        <div className="form-row">
          <SelectField
            label="Follow"
            options={units}
            value={draft.unit}
            onChange={(unit) => setDraft({ ...draft, unit })}
          />
          {draft.unit === 'person' && (
            <SelectField
              label="Within"
              options={windows}
              value={draft.windowDays}
              onChange={(windowDays) => setDraft({ ...draft, windowDays })}
            />
          )}
        </div>
        <ol className="funnel-edit" aria-label="Steps">
          {steps.map(({ key, step }, at) => (
            <li key={key}>
              <StepFields
                label={`Step ${at + 1}`}
                page={page}
                zone={zone}
                step={step}
                onChange={(changed) =>
                  setSteps(steps.map((each) => (each.key === key ? { key, step: changed } : each)))
                }
              />
              <span className="form-actions">
                <MoveButtons
                  name={`step ${at + 1}`}
                  index={at}
                  last={steps.length - 1}
                  onMove={(to) => setSteps(moved(steps, at, to))}
                />
                <button
                  type="button"
                  className="quiet small"
                  disabled={steps.length <= 2}
                  onClick={() => setSteps(steps.filter((each) => each.key !== key))}
                >
                  Remove<span className="visually-hidden"> step {at + 1}</span>
                </button>
              </span>
            </li>
          ))}
        </ol>
        <button
          type="button"
          className="quiet"
          disabled={steps.length >= funnelLimits.steps}
          onClick={() => setSteps([...steps, { key: Math.max(...steps.map(({ key }) => key)) + 1, step: {} }])}
        >
          Add step
        </button>
        <FormError error={save.error ?? remove.error} fields={['name']} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={save.isPending}>
            Save funnel
          </button>
          {stored !== undefined && (
            <button
              type="button"
              className="quiet danger"
              disabled={remove.isPending}
              onClick={() => remove.mutate(stored.id, { onSuccess: () => finish(null) })}
            >
              Delete funnel
            </button>
          )}
        </div>
      </Form>
    </Dialog>
  );
}

const emptyFunnel: Omit<Funnel, 'id'> = {
  name: '',
  unit: 'session',
  windowDays: 7,
  steps: [{ type: 'page_view' }, { type: 'link_click' }],
};

const units = [
  { value: 'session', label: 'Visits' },
  { value: 'person', label: 'People who agreed to an id' },
] as const;

const windows = [1, 3, 7, 14, funnelLimits.windowDays].map((days) => ({
  value: days,
  label: days === 1 ? '1 day' : `${days} days`,
}));

function toDraft({ name, unit, windowDays, steps }: Omit<Funnel, 'id'>): Draft {
  return { name, unit, windowDays, steps: steps.map((step, key) => ({ key, step })) };
}

function toFunnel({ steps, ...draft }: Draft): NewFunnel {
  return { ...draft, name: draft.name.trim(), steps: steps.map(({ step }) => step) };
}

interface StepFieldsProps {
  label: string;
  page: string;
  zone: string;
  step: FunnelStep;
  onChange: (step: FunnelStep) => void;
}

/** An event, and of a view its path, of a click its link. */
function StepFields({ label, page, zone, step, onChange }: StepFieldsProps) {
  const { path, link, ...event } = step;
  function set(changes: { path?: string; link?: string }): void {
    const { path: nextPath = path, link: nextLink = link } = changes;
    onChange({ ...event, ...(nextPath && { path: nextPath }), ...(nextLink && { link: nextLink }) });
  }
  return (
    <div className="form-row">
      <EventField label={label} page={page} zone={zone} value={event} onChange={(json) => onChange(parseMatch(json))} />
      {event.type === 'page_view' && (
        <TextField
          label={`Path of ${label.toLowerCase()} (optional)`}
          placeholder="/pricing"
          pattern="/.*"
          maxLength={300}
          value={path ?? ''}
          onChange={(value) => set({ path: value })}
        />
      )}
      {event.type === 'link_click' && (
        <TextField
          label={`Code of ${label.toLowerCase()} (optional)`}
          placeholder="spring"
          maxLength={64}
          value={link ?? ''}
          onChange={(value) => set({ link: value })}
        />
      )}
    </div>
  );
}
