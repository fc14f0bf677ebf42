import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { brandSchema } from '#schemas/api/agencies.ts';
import type { AgencyBrand } from '#schemas/catalog.ts';
import { brandLimits } from '#schemas/catalog-rules.ts';
import { useApi } from '../../api/context.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation } from '../../api/lists.ts';
import { BrandMark } from '../../components/brand-mark.tsx';
import { ColorField } from '../../components/color-field.tsx';
import { FormError } from '../../components/field.tsx';
import { Form, LoadStored } from '../../components/form.tsx';
import { Checkbox, TextField } from '../../components/inputs.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { PictureField } from '../../choosers/picture-field.tsx';
import { shrinkLogo } from '../editor/small-picture.ts';

/** Under what name, logo and color others see the statistics of an agency's pages. */
export default function BrandForm({ agency }: { agency: string }) {
  const api = useApi();
  const stored = useQuery({
    queryKey: ['brand', agency],
    // A response keeps its etag.
    structuralSharing: false,
    queryFn: ({ signal }) => api.send('get', '/agencies/:id/brand', brandSchema, { param: { id: agency }, signal }),
  });
  return (
    <Panel title="White label">
      <Loaded query={stored} rows={4}>
        {(brand) => <Fields key={agency} agency={agency} stored={brand} onReload={() => void stored.refetch()} />}
      </Loaded>
    </Panel>
  );
}

function Fields({ agency, stored, onReload }: { agency: string; stored: AgencyBrand; onReload: () => void }) {
  const [edits, setEdits] = useState<Partial<AgencyBrand>>({});
  // What the edits are based on: they are saved only if that is still stored.
  const [seen, setSeen] = useState<AgencyBrand>();
  const base = (Object.keys(edits).length > 0 ? seen : undefined) ?? stored;
  const brand = { ...base, ...edits };
  const save = useApiMutation((api) =>
    api.send('put', '/agencies/:id/brand', brandSchema, {
      param: { id: agency },
      json: { ...brand, name: brand.name?.trim() || null },
      ifUnchanged: base,
    }),
  );
  function change(next: Partial<AgencyBrand>): void {
    save.reset();
    setEdits({ ...edits, ...next });
    setSeen(base);
  }
  return (
    <Form onSubmit={() => save.mutate(undefined, { onSuccess: () => setEdits({}) })}>
      <p className="soft">Shares and mails of the agency’s pages have this name, logo and color.</p>
      <div className="form-row">
        <TextField
          label="Name"
          placeholder="Hopcount"
          maxLength={brandLimits.name}
          error={fieldError(save.error, 'name')}
          value={brand.name ?? ''}
          onChange={(name) => change({ name })}
        />
        <ColorField
          label="Accent color"
          error={fieldError(save.error, 'accent')}
          value={brand.accent}
          onChange={(accent) => change({ accent })}
        />
      </div>
      <PictureField
        label="Logo"
        help="Made small in your browser, and kept with the agency: shares and mails load nothing from another site."
        error={fieldError(save.error, 'logo')}
        value={brand.logo}
        onChange={(logo) => change({ logo })}
        shrink={shrinkLogo}
      />
      <Checkbox
        label="Say “Powered by Hopcount”"
        checked={brand.poweredBy}
        onChange={(poweredBy) => change({ poweredBy })}
      />
      {(brand.name || brand.logo) && (
        <p className="brand-preview">
          <BrandMark brand={brand} />
        </p>
      )}
      <FormError error={save.error} fields={['name', 'logo', 'accent']} />
      <div className="form-actions">
        <button type="submit" className="primary" disabled={Object.keys(edits).length === 0 || save.isPending}>
          {save.isPending ? 'Saving…' : 'Save white label'}
        </button>
        <LoadStored
          error={save.error}
          what="white label"
          onLoad={() => {
            save.reset();
            setSeen(undefined);
            onReload();
          }}
        />
        {save.isSuccess && (
          <span className="done" role="status">
            White label saved.
          </span>
        )}
      </div>
    </Form>
  );
}
