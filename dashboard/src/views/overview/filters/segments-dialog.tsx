import { useState } from 'react';
import { type Segment, segmentSchema } from '#schemas/api/saved.ts';
import { fieldError } from '../../../api/field-errors.ts';
import { useApiMutation } from '../../../api/lists.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { FormError } from '../../../components/field.tsx';
import { Form } from '../../../components/form.tsx';
import { TextField } from '../../../components/inputs.tsx';
import { Empty } from '../../../components/panel.tsx';
import { describeFilters } from './filter-words.ts';
import type { Filters } from './use-filters.ts';

interface SegmentsDialogProps {
  page: string;
  segments: readonly Segment[];
  filters: Filters;
  onClose: () => void;
}

/** Saves the filters under a name, and renames, replaces or deletes segments of the page. */
export default function SegmentsDialog({ page, segments, filters: { filters }, onClose }: SegmentsDialogProps) {
  const [name, setName] = useState('');
  const create = useApiMutation((api, json: Pick<Segment, 'name' | 'filters'>) =>
    api.send('post', '/pages/:page/segments', segmentSchema, { param: { page }, json }),
  );
  const replace = useApiMutation((api, { id, ...json }: Segment) =>
    api.send('put', '/pages/:page/segments/:id', segmentSchema, { param: { page, id }, json }),
  );
  const remove = useApiMutation((api, id: string) => api.remove('/pages/:page/segments/:id', { param: { page, id } }));
  return (
    <Dialog title="Segments" onClose={onClose}>
      <div className="stack">
        {filters.length > 0 && (
          <Form onSubmit={() => create.mutate({ name: name.trim(), filters: [...filters] }, { onSuccess: onClose })}>
            <TextField
              label="Name of the new segment"
              help={`${describeFilters(filters)}. Everyone who sees the page can use it.`}
              required
              maxLength={60}
              value={name}
              onChange={setName}
              error={fieldError(create.error, 'name')}
            />
            <FormError error={create.error} fields={['name']} />
            <div className="form-actions">
              <button type="submit" className="primary" disabled={create.isPending}>
                Save segment
              </button>
            </div>
          </Form>
        )}
        <FormError error={replace.error ?? remove.error} />
        {segments.length === 0 && filters.length === 0 && (
          <Empty>No segments yet. Add filters, then save them as a segment.</Empty>
        )}
        <ul className="rows" aria-label="Segments of this page">
          {segments.map((segment) => (
            <li key={segment.id}>
              <span>
                <b dir="auto">{segment.name}</b>
                <br />
                <small dir="auto">{describeFilters(segment.filters)}</small>
              </span>
              <span className="form-actions">
                {filters.length > 0 && (
                  <button
                    type="button"
                    className="quiet small"
                    disabled={replace.isPending}
                    onClick={() => replace.mutate({ ...segment, filters: [...filters] })}
                  >
                    Replace with filters
                  </button>
                )}
                <button
                  type="button"
                  className="quiet small danger"
                  disabled={remove.isPending}
                  onClick={() => remove.mutate(segment.id)}
                >
                  Delete segment<span className="visually-hidden"> {segment.name}</span>
                </button>
              </span>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
