import { lazy, Suspense } from 'react';
import type { LinkPreview } from '#schemas/api/links.ts';
import type { Draft } from './link-draft.ts';
import { shortUrl } from './short-url.ts';

const QrImage = lazy(() => import('./qr-image.tsx'));

interface LinkResultProps {
  draft: Draft;
  /** What the page of the destination says of itself. */
  preview: LinkPreview | undefined;
  isReading: boolean;
}

/** Shows the link as it will be: its address, its QR code, and what messengers make of it. */
export function LinkResult({ draft, preview, isReading }: LinkResultProps) {
  const code = draft.code.trim();
  const text = shortUrl(code);
  return (
    <section className="link-result" aria-label="Preview of the link">
      <p className="result-address" dir="ltr">
        {window.location.host}/<b>{code || '…'}</b>
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
      <Card draft={draft} preview={preview} />
      <p className="soft" role="status">
        {describeReading(preview, isReading)}
      </p>
    </section>
  );
}

/** A card of the link’s own replaces that of the destination. */
function Card({ draft, preview }: Pick<LinkResultProps, 'draft' | 'preview'>) {
  const own = draft.card.title.trim() !== '';
  const title = own ? draft.card.title : (preview?.title ?? '');
  const description = own ? draft.card.description : (preview?.description ?? '');
  const site = own ? window.location.host : (URL.parse(draft.url.trim())?.host ?? '');
  if (title === '') return null;
  return (
    <figure className="card-preview">
      <CardPicture draft={draft} picture={own ? null : (preview?.picture ?? null)} />
      <b dir="auto">{title}</b>
      {description !== '' && <p dir="auto">{description}</p>}
      <small>
        {!own && preview?.icon && <img src={preview.icon} alt="" width="16" height="16" />} {site}
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

function describeReading(preview: LinkPreview | undefined, isReading: boolean): string {
  if (isReading) return 'Reading the page…';
  if (preview === undefined) return '';
  if (preview.problem !== null)
    return `The page couldn’t be read: it ${preview.problem}. You can create the link anyway.`;
  return preview.title === null ? '' : 'Title and card are those of the page now.';
}
