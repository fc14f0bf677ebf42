import { useState } from 'react';
import { linksSchema } from '#schemas/api/links.ts';
import type { PageChange } from '#schemas/api/pages.ts';
import { type Link, linkSchema, type Page, pageSchema } from '#schemas/catalog.ts';
import { useChange, useList } from '../../api/lists.ts';
import { Field, faultOf, FormFault } from '../../parts/field.tsx';
import { Paged } from '../../parts/more.tsx';
import { Empty, Panel } from '../../parts/panel.tsx';

const byPosition = (a: Link, b: Link): number =>
  (a.position ?? Infinity) - (b.position ?? Infinity) || (a.createdAt < b.createdAt ? -1 : 1);

const moved = <T,>(items: readonly T[], from: number, to: number): T[] => {
  const next = items.filter((_, index) => index !== from);
  const item = items[from];
  if (item !== undefined) next.splice(to, 0, item);
  return next;
};

interface LooksProps {
  title: string;
  description: string;
  links: readonly Link[];
}

const hostOf = (url: string): string => URL.parse(url)?.hostname.replace(/^www\./, '') ?? '';

const graphemes = new Intl.Segmenter();
const initialOf = (title: string): string =>
  graphemes.segment(title.trim())[Symbol.iterator]().next().value?.segment.toLocaleUpperCase('en') ?? '·';

/** How the page will look, at the size of a phone. */
const Preview = ({ title, description, links }: LooksProps) => (
  <div className="phone" role="img" aria-label={`Preview of the link page ${title} with ${links.length} links`}>
    <div aria-hidden="true">
      <span className="phone-mark">{initialOf(title)}</span>
      <b dir="auto">{title}</b>
      {description !== '' && <p dir="auto">{description}</p>}
      {links.map((link) => (
        <span className="phone-link" key={link.code}>
          <span dir="auto">{link.title ?? hostOf(link.url)}</span>
          <small dir="ltr">{hostOf(link.url)}</small>
        </span>
      ))}
    </div>
  </div>
);

interface OrderProps {
  links: readonly Link[];
  onMove: (from: number, to: number) => void;
  onList: (link: Link, listed: boolean) => void;
}

const Order = ({ links, onMove, onList }: OrderProps) => (
  <ol className="rows">
    {links.map((link, index) => {
      const name = link.title ?? link.code;
      return (
        <li key={link.code}>
          <label className="check">
            <input
              type="checkbox"
              checked={link.listed}
              onChange={({ target }) => onList(link, target.checked)}
              aria-label={`Show ${name}`}
            />
            <span dir="auto">{name}</span>
          </label>
          <span className="move">
            <button
              type="button"
              className="quiet small"
              disabled={index === 0}
              aria-label={`Move ${name} up`}
              onClick={() => onMove(index, index - 1)}
            >
              ↑
            </button>
            <button
              type="button"
              className="quiet small"
              disabled={index === links.length - 1}
              aria-label={`Move ${name} down`}
              onClick={() => onMove(index, index + 1)}
            >
              ↓
            </button>
          </span>
        </li>
      );
    })}
  </ol>
);

const Editor = ({ page, initial }: { page: Page; initial: readonly Link[] }) => {
  const [title, setTitle] = useState(page.title);
  const [description, setDescription] = useState(page.description ?? '');
  const [links, setLinks] = useState(() => initial.toSorted(byPosition));
  const path = `/pages/${encodeURIComponent(page.path.slice(1))}`;
  const save = useChange(async (api, body: PageChange) => {
    const changed = links.filter((link) => initial.find(({ code }) => code === link.code)?.listed !== link.listed);
    for (const { code, listed } of changed)
      await api.send(`/links/${encodeURIComponent(code)}`, linkSchema, { method: 'PATCH', body: { listed } });
    return api.send(path, pageSchema, { method: 'PATCH', body });
  });
  const submit = (): void =>
    save.mutate({
      title,
      description: description.trim() === '' ? null : description,
      order: links.map(({ code }) => code),
    });
  const shown = links.filter(({ listed, enabled }) => listed && enabled);
  return (
    <div className="editor">
      <Panel title="Link page">
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Field label="Title" fault={faultOf(save.error, 'title')}>
            {(control) => (
              <input
                {...control}
                required
                maxLength={300}
                value={title}
                onChange={({ target }) => setTitle(target.value)}
              />
            )}
          </Field>
          <Field label="Description" fault={faultOf(save.error, 'description')}>
            {(control) => (
              <textarea
                {...control}
                maxLength={1000}
                value={description}
                onChange={({ target }) => setDescription(target.value)}
              />
            )}
          </Field>
          <fieldset>
            <legend>Links, in their order</legend>
            {links.length === 0 && <Empty>No links yet.</Empty>}
            <Order
              links={links}
              onMove={(from, to) => setLinks(moved(links, from, to))}
              onList={(link, listed) => setLinks(links.map((each) => (each === link ? { ...link, listed } : each)))}
            />
          </fieldset>
          <FormFault error={save.error} fields={['title', 'description']} />
          <div className="form-actions">
            <button type="submit" className="primary" disabled={save.isPending}>
              {save.isPending ? 'Saving…' : 'Save page'}
            </button>
            {save.isSuccess && (
              <span className="done" role="status">
                Saved. Visitors see it within a minute.
              </span>
            )}
          </div>
        </form>
      </Panel>
      <Panel title="Preview">
        <Preview title={title} description={description} links={shown} />
      </Panel>
    </div>
  );
};

/** Title, description and order of a link page, beside how it will look. */
const EditorView = ({ page }: { page: Page }) => {
  const links = useList('/links', linksSchema, { page: page.path });
  return <Paged query={links}>{(rows) => <Editor key={rows.length} page={page} initial={rows} />}</Paged>;
};

export default EditorView;
