import { useState } from 'react';
import { linksSchema } from '#schemas/api/links.ts';
import { createLinkFile, type LinkFileFormat } from '#schemas/export/links.ts';
import { readAllRows, useApiMutation } from '../../api/lists.ts';
import { downloadLinks } from '../../components/download.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField } from '../../components/inputs.tsx';
import { Panel } from '../../components/panel.tsx';
import { plural } from '../../format/numbers.ts';

const formats: readonly { value: LinkFileFormat; label: string }[] = [
  { value: 'csv', label: 'CSV (Hopcount, spreadsheets)' },
  { value: 'json', label: 'JSON' },
  { value: 'bitly', label: 'CSV for Bitly' },
  { value: 'dub', label: 'CSV for Dub' },
  { value: 'shlink', label: 'CSV for Shlink' },
];

/** Saves all links of a page as a file. @param page its path without the slash */
export function LinkExport({ page }: { page: string }) {
  const [format, setFormat] = useState<LinkFileFormat>('csv');
  const save = useApiMutation(async (api) => {
    const links = await readAllRows(({ query }) =>
      api.send('get', '/links', linksSchema, { query: { ...query, page: `/${page}`, archived: 'include' } }),
    );
    downloadLinks(createLinkFile(format), links);
    return links.length;
  });
  return (
    <Panel
      title="Link export"
      hint={<p>All links of the page, archived ones too, with aliases and tags. Passwords are not exported.</p>}
    >
      <Form onSubmit={() => save.mutate(undefined)}>
        <div className="form-row">
          <SelectField label="Links as" options={formats} value={format} onChange={setFormat} />
        </div>
        <FormError error={save.error} />
        <div className="form-actions">
          <button type="submit" className="quiet" disabled={save.isPending}>
            Export links
          </button>
          {save.data !== undefined && <span role="status">{plural(save.data, 'link')} exported.</span>}
        </div>
      </Form>
    </Panel>
  );
}
