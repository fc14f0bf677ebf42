import { useState } from 'react';
import {
  createdShareSchema,
  type NewShare,
  type Share,
  type ShareChange,
  shareSchema,
  sharesSchema,
} from '#schemas/api/shares.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { Secret, Snippet } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Panel } from '../../components/panel.tsx';
import { plural } from '../../format/numbers.ts';
import { formatFullInstant } from '../../format/times.ts';
import { basePath } from '../../router/location.ts';
import { usePage } from '../pages/use-page.ts';
import { newShareDraft, type ShareDraft, ShareFields, shareFields, toShareRequest } from './share-fields.tsx';

interface SharesProps {
  /** Path of the page without the slash. */
  page: string;
  /** Of the page, for frames. */
  title: string;
  zone: string;
}

/** Links that give read-only access to the statistics of a page, without an account. */
export function Shares({ page, title, zone }: SharesProps) {
  const [creating, setCreating] = useState(false);
  const shares = useList(['shares', page], (api, { query, signal }) =>
    api.send('get', '/shares', sharesSchema, { query: { ...query, page: `/${page}` }, signal }),
  );
  return (
    <Panel
      title="Share links"
      actions={
        <button type="button" className="quiet small" onClick={() => setCreating(true)}>
          New share link
        </button>
      }
    >
      <p className="soft">
        Anyone with a share link can see this page’s overview, outcomes and live view, until it expires or you revoke
        it.
      </p>
      {creating && <NewShareDialog page={page} title={title} zone={zone} onClose={() => setCreating(false)} />}
      <LoadMore query={shares} empty="No share links yet. Create one for people without an account, or for your site.">
        {(rows) => (
          <ul className="rows">
            {rows.map((share) => (
              <ShareRow key={share.id} share={share} zone={zone} />
            ))}
          </ul>
        )}
      </LoadMore>
    </Panel>
  );
}

function ShareRow({ share, zone }: { share: Share; zone: string }) {
  const [editing, setEditing] = useState(false);
  const revoke = useApiMutation((api) => api.remove('/shares/:id', { param: { id: share.id } }));
  const ended = shareState(share);
  const sites = share.embedOrigins.length;
  return (
    <li>
      <span>
        <b dir="auto">{share.label || 'Unnamed'}</b> {share.protected && <span className="badge">Password</span>}{' '}
        {sites > 0 && <span className="badge">Embedded on {plural(sites, 'site')}</span>}
        <br />
        <small>until {formatFullInstant(share.expiresAt, zone)}</small>
        <FormError error={revoke.error} />
      </span>
      {ended === undefined ? (
        <span className="row-actions">
          <button type="button" className="quiet small" onClick={() => setEditing(true)}>
            Edit
          </button>
          <button
            type="button"
            className="quiet small danger"
            disabled={revoke.isPending}
            onClick={() => revoke.mutate(undefined)}
          >
            Revoke link
          </button>
        </span>
      ) : (
        <span className="badge">{ended}</span>
      )}
      {editing && <EditShareDialog share={share} zone={zone} onClose={() => setEditing(false)} />}
    </li>
  );
}

function shareState(share: Share): string | undefined {
  if (share.revokedAt !== null) return 'Revoked';
  return Date.parse(share.expiresAt) < Date.now() ? 'Expired' : undefined;
}

function NewShareDialog({ page, title, zone, onClose }: SharesProps & { onClose: () => void }) {
  const [draft, setDraft] = useState<ShareDraft>(newShareDraft);
  const create = useApiMutation((api, json: NewShare) => api.send('post', '/shares', createdShareSchema, { json }));
  function submit(): void {
    const { expiresAt = '', ...request } = toShareRequest(draft);
    create.mutate({ page: `/${page}`, expiresAt, ...request });
  }
  return (
    <Dialog title={create.data ? 'Share link created' : 'New share link'} onClose={onClose}>
      {create.data ? (
        <CreatedShare share={create.data} title={title} />
      ) : (
        <Form onSubmit={submit}>
          <ShareFields
            draft={draft}
            set={(change) => setDraft({ ...draft, ...change })}
            error={create.error}
            page={page}
            zone={zone}
          />
          <FormError error={create.error} fields={shareFields} />
          <div className="form-actions">
            <button type="submit" className="primary" disabled={create.isPending}>
              Create share link
            </button>
          </div>
        </Form>
      )}
    </Dialog>
  );
}

function CreatedShare({ share, title }: { share: Share & { token: string }; title: string }) {
  const page = usePage(share.page.slice(1)).data;
  const origin = page === undefined ? window.location.origin : new URL(page.url).origin;
  const url = `${origin}${basePath}/share#${share.token}`;
  return (
    <div className="stack">
      <Secret name="link" text={url} what="the share link" />
      {share.embedOrigins.length > 0 && (
        <>
          <p className="soft">
            For {share.embedOrigins.join(', ')}. The link is in it, so everybody who sees that site can open it.
          </p>
          <Snippet language="HTML" code={buildFrame(share, title, origin)} what="the frame" />
        </>
      )}
    </div>
  );
}

/** `theme` is `light`, `dark` or `system`, which follows the visitor's device. */
function buildFrame({ id, token }: { id: string; token: string }, title: string, origin: string): string {
  const src = `${origin}${basePath}/embed/${id}?theme=system#${token}`;
  const label = `Statistics of ${title}`.replace(/[&"<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<iframe src="${src}" title="${label}" loading="lazy" style="width: 100%; height: 1400px; border: 0"></iframe>`;
}

function EditShareDialog({ share, zone, onClose }: { share: Share; zone: string; onClose: () => void }) {
  const [draft, setDraft] = useState<ShareDraft>({
    ...newShareDraft,
    label: share.label,
    days: 0,
    embedOrigins: share.embedOrigins,
    extras: share.extras,
    metrics: share.metrics,
  });
  const save = useApiMutation((api, json: ShareChange) =>
    api.send('patch', '/shares/:id', shareSchema, { param: { id: share.id }, json }),
  );
  return (
    <Dialog title={`Edit ${share.label || 'share link'}`} onClose={onClose}>
      <Form onSubmit={() => save.mutate(toShareRequest(draft), { onSuccess: onClose })}>
        <ShareFields
          draft={draft}
          set={(change) => setDraft({ ...draft, ...change })}
          error={save.error}
          stored={share}
          page={share.page.slice(1)}
          zone={zone}
        />
        <FormError error={save.error} fields={shareFields} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={save.isPending}>
            Save share link
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
