import { useState } from 'react';
import { annotationLimits, annotationSchema } from '#schemas/api/saved.ts';
import { fieldError } from '../../../api/field-errors.ts';
import { useApiMutation } from '../../../api/lists.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { FormError } from '../../../components/field.tsx';
import { Form } from '../../../components/form.tsx';
import { TextField } from '../../../components/inputs.tsx';
import { dateIn, toInstant } from '../../../format/times.ts';

interface AnnotationFormProps {
  page: string;
  /** The page's time zone. */
  zone: string;
  onClose: () => void;
}

const fields = ['text', 'url', 'at'];

/** Marks a date or a time on the charts of a page. */
export default function AnnotationForm({ page, zone, onClose }: AnnotationFormProps) {
  const [draft, setDraft] = useState({ text: '', date: dateIn(zone, Date.now()), time: '', url: '' });
  const create = useApiMutation((api, { text, date, time, url }: typeof draft) =>
    api.send('post', '/pages/:page/annotations', annotationSchema, {
      param: { page },
      json: { text, at: time === '' ? date : toInstant(date, time, zone), url: url === '' ? null : url },
    }),
  );
  function input(name: keyof typeof draft) {
    return { value: draft[name], onChange: (value: string) => setDraft({ ...draft, [name]: value }) };
  }
  return (
    <Dialog title="Add annotation" onClose={onClose}>
      <Form onSubmit={() => create.mutate(draft, { onSuccess: onClose })}>
        <TextField
          label="Text"
          required
          maxLength={annotationLimits.text}
          error={fieldError(create.error, 'text')}
          {...input('text')}
        />
        <div className="form-row">
          <TextField label="Date" type="date" required error={fieldError(create.error, 'at')} {...input('date')} />
          <TextField label="Time" type="time" help={`Optional, in ${zone}`} {...input('time')} />
        </div>
        <TextField
          label="Link"
          type="url"
          help="Optional, such as the release"
          maxLength={annotationLimits.url}
          error={fieldError(create.error, 'url')}
          {...input('url')}
        />
        <FormError error={create.error} fields={fields} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            Add annotation
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
