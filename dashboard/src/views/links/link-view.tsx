import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { type LinkView, linkViewSchema } from '#schemas/api/links.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/field.tsx';
import { Panel, Skeleton } from '../../components/panel.tsx';
import { navigate, useLocation, withQuery } from '../../router/location.ts';
import { linkPath, type LinkTab, linkTabs, pagePath } from '../../router/routes.ts';
import LedgerView from '../ledger/ledger-view.tsx';
import { LoadFailed } from '../not-found.tsx';
import { Overview } from '../overview/overview.tsx';
import { usePage } from '../pages/use-page.ts';
import { Heading, Tabs } from '../shell/heading.tsx';
import { toDraft, toLinkBody } from './link-draft.ts';
import { LinkForm } from './link-form.tsx';
import { withoutScheme } from './short-url.ts';
import { Variants } from './variants.tsx';

const QrCode = lazy(() => import('./qr-code.tsx'));

const tabNames: Readonly<Record<LinkTab, string>> = {
  overview: 'Overview',
  share: 'Share & QR',
  edit: 'Edit',
  ledger: 'Outcomes',
};

export default function LinkView({ code, tab }: { code: string; tab: LinkTab }) {
  const link = useLink(code);
  const page = usePage(link.data?.page.slice(1));
  const { query } = useLocation();
  // Loaded data stays visible if a refetch fails.
  if (link.data === undefined) {
    if (link.isError) return <LoadFailed error={link.error} retry={() => void link.refetch()} />;
    return <Skeleton rows={8} />;
  }
  const search = withQuery(query, {});
  const tabs = linkTabs.map((each) => ({
    to: linkPath(code, each) + search,
    label: tabNames[each],
    current: each === tab,
  }));
  const name = link.data.page.slice(1);
  const zone = page.data?.timeZone;
  return (
    <>
      <Heading
        title={link.data.title ?? `/${code}`}
        back={{ to: pagePath(name, 'links') + search, label: page.data?.title ?? link.data.page }}
        subtitle={
          <span dir="ltr">
            {withoutScheme(link.data.shortUrl)} → {link.data.url}
          </span>
        }
      />
      <Tabs label="Link" tabs={tabs} />
      {tab === 'overview' && zone !== undefined && (
        <Overview
          subject={{ kind: 'links', name: code }}
          page={name}
          zone={zone}
          ledger={linkPath(code, 'ledger') + search}
        />
      )}
      {tab === 'overview' && zone !== undefined && link.data.variants.length > 0 && (
        <Variants link={link.data} zone={zone} />
      )}
      {tab === 'edit' && <EditLink key={code} link={link.data} domains={page.data?.domains ?? []} />}
      {tab === 'share' && <ShareLink link={link.data} />}
      {tab === 'ledger' && zone !== undefined && (
        <LedgerView subject={{ kind: 'links', name: code }} page={name} zone={zone} />
      )}
    </>
  );
}

function useLink(code: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['link', code],
    // A response keeps its etag.
    structuralSharing: false,
    queryFn: ({ signal }) => api.send('get', '/links/:code', linkViewSchema, { param: { code }, signal }),
  });
}

function EditLink({ link, domains }: { link: LinkView; domains: readonly string[] }) {
  const [loaded, setLoaded] = useState(link);
  const [draft, setDraft] = useState(() => toDraft(link));
  const save = useApiMutation((api) =>
    api.send('patch', '/links/:code', linkViewSchema, {
      param: { code: link.code },
      json: toLinkBody(draft),
      ifUnchanged: loaded,
    }),
  );
  return (
    <Panel title="Edit link" className="narrow">
      <LinkForm
        draft={draft}
        onChange={(change) => setDraft({ ...draft, ...change })}
        link={link}
        domains={domains}
        action="Save link"
        saving={save}
        onSave={() => save.mutate(undefined, { onSuccess: setLoaded })}
        actions={<DeleteLink link={link} />}
      />
    </Panel>
  );
}

function DeleteLink({ link }: { link: LinkView }) {
  const [confirming, setConfirming] = useState(false);
  const remove = useApiMutation((api) => api.remove('/links/:code', { param: { code: link.code } }));
  return (
    <>
      <button type="button" className="quiet danger" onClick={() => setConfirming(true)}>
        Delete link…
      </button>
      {confirming && (
        <Dialog title="Delete this link?" onClose={() => setConfirming(false)}>
          <div className="form">
            <p>
              {link.shortUrl} will stop working. Its statistics are kept, and its code stays reserved for this page. To
              pause the link, disable it instead.
            </p>
            <FormError error={remove.error} />
            <div className="form-actions">
              <button
                type="button"
                className="quiet danger"
                disabled={remove.isPending}
                onClick={() =>
                  remove.mutate(undefined, { onSuccess: () => navigate(pagePath(link.page.slice(1), 'links')) })
                }
              >
                Delete link
              </button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}

function ShareLink({ link }: { link: LinkView }) {
  return (
    <Panel title="Share" className="narrow">
      <p className="short-url">
        <a href={link.shortUrl} target="_blank" rel="noopener" dir="ltr">
          {link.shortUrl}
        </a>
        <CopyButton text={link.shortUrl} what="the short link" />
      </p>
      <Suspense fallback={<Skeleton rows={5} />}>
        <QrCode text={link.shortUrl} name={`qr-${link.code}`} />
      </Suspense>
    </Panel>
  );
}
