import type { UseQueryResult } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { LinkPreview } from '#schemas/api/links.ts';
import { LoadError } from '../../components/panel.tsx';
import type { Draft } from './link-draft.ts';
import { shortUrl, withoutScheme } from './short-url.ts';

const QrImage = lazy(() => import('./qr-image.tsx'));

interface LinkResultProps {
  draft: Draft;
  /** What the page of the destination says of itself. */
  preview: UseQueryResult<LinkPreview>;
}

/** Shows the link as it will be: its address, its QR code, and what messengers make of it. */
export function LinkResult({ draft, preview }: LinkResultProps) {
  const code = draft.code.trim();
  const domain = draft.domain === '' ? null : draft.domain;
  const text = shortUrl({ code, domain });
  return (
    <section className="link-result" aria-label="Preview of the link">
      <p className="result-address" dir="ltr">
        {withoutScheme(shortUrl({ code: '', domain }))}
        <b>{code || '…'}</b>
      </p>
      {code === '' ? (
        <p className="qr-place soft">
          The QR code appears with the short code. If you leave it empty, you get both afterwards.
        </p>
      ) : (
        <Suspense fallback={<p className="qr-place" />}>
          <QrImage text={text} />
        </Suspense>
      )}
      <Card draft={draft} page={preview.data} />
      <p className="soft" role="status">
        {describeReading(preview)}
      </p>
      {preview.isError && !preview.isFetching && (
        <LoadError error={preview.error} retry={() => void preview.refetch()} />
      )}
    </section>
  );
}

/** A card of the link’s own replaces that of the destination. */
function Card({ draft, page }: { draft: Draft; page: LinkPreview | undefined }) {
  const own = draft.card.title.trim() !== '';
  const title = own ? draft.card.title : (page?.title ?? '');
  const description = own ? draft.card.description : (page?.description ?? '');
  const site = own ? window.location.host : (URL.parse(draft.url.trim())?.host ?? '');
  if (title === '') return null;
  return (
    <figure className="card-preview">
      <CardPicture draft={draft} picture={own ? null : (page?.picture ?? null)} />
      <b dir="auto">{title}</b>
      {description !== '' && <p dir="auto">{description}</p>}
      <small>
        {!own && page?.icon && <img src={page.icon} alt="" width="16" height="16" />} {site}
      </small>
    </figure>
  );
}

/** The browser loads no image of another site, so that of an own card is named only. */
function CardPicture({ draft, picture }: { draft: Draft; picture: string | null }) {
  if (picture !== null) return <img className="card-picture" src={picture} alt="" />;
  return draft.card.title.trim() !== '' && draft.card.image !== '' ? (
    <span>{URL.parse(draft.card.image)?.hostname ?? 'image'}</span>
  ) : null;
}

function describeReading({ data, isError, isFetching }: UseQueryResult<LinkPreview>): string {
  if (isFetching) return 'Reading the page…';
  if (isError) return 'The page couldn’t be read. You can create the link anyway.';
  if (data === undefined) return '';
  if (data.problem !== null) return `The page couldn’t be read: it ${data.problem}. You can create the link anyway.`;
  return data.title === null ? '' : 'Title and card are those of the page now.';
}
