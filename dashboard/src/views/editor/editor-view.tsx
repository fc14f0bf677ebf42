import { useEffect, useRef, useState } from 'react';
import { linksSchema } from '#schemas/api/links.ts';
import type { PageChange } from '#schemas/api/pages.ts';
import { type Link, linkSchema, type Page, pageSchema } from '#schemas/catalog.ts';
import { useApiMutation, useFullList } from '../../api/lists.ts';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';

const graphemes = new Intl.Segmenter();

/** What was changed and not saved yet; the rest is as the API has it, also when that changes meanwhile. */
interface Edits {
  title?: string;
  description?: string;
  /** Codes in their new order; a link that came later is not among them. */
  order?: readonly string[];
  /** By code. */
  listed: Readonly<Record<string, boolean>>;
}

const unchanged: Edits = { listed: {} };

/** Places that one request may give. */
const mostPlaces = 1000;

/** Title, description and order of a link page, beside how it will look. */
export default function EditorView({ page }: { page: Page }) {
  const links = useFullList(['links', page.path], (api, { query, signal }) =>
    api.send('get', '/links', linksSchema, { query: { ...query, page: page.path }, signal }),
  );
  return (
    <Loaded query={links} rows={6}>
      {(rows) => <Editor page={page} links={rows} />}
    </Loaded>
  );
}

function Editor({ page, links }: { page: Page; links: readonly Link[] }) {
  const [edits, setEdits] = useState(unchanged);
  const save = useSave(page, links, edits);
  function change(next: Partial<Edits>): void {
    return setEdits({ ...edits, ...next });
  }
  const title = edits.title ?? page.title;
  const description = edits.description ?? page.description ?? '';
  const arranged = arrange(links, edits);
  const shown = arranged.filter(({ listed, enabled }) => listed && enabled);
  const codes = arranged.map(({ code }) => code);
  return (
    <div className="editor">
      <Panel title="Link page">
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(undefined, { onSuccess: () => setEdits(unchanged) });
          }}
        >
          <Field label="Title" error={fieldError(save.error, 'title')}>
            {(control) => (
              <input
                {...control}
                required
                maxLength={300}
                value={title}
                onChange={({ target }) => change({ title: target.value })}
              />
            )}
          </Field>
          <Field label="Description" error={fieldError(save.error, 'description')}>
            {(control) => (
              <textarea
                {...control}
                maxLength={1000}
                value={description}
                onChange={({ target }) => change({ description: target.value })}
              />
            )}
          </Field>
          <fieldset>
            <legend>Links, in their order</legend>
            {arranged.length === 0 && <Empty>No links yet.</Empty>}
            <Order
              links={arranged}
              onMove={(from, to) => change({ order: moved(codes, from, to) })}
              onList={({ code }, listed) => change({ listed: { ...edits.listed, [code]: listed } })}
            />
          </fieldset>
          <FormError error={save.error} fields={['title', 'description']} />
          <div className="form-actions">
            <button type="submit" className="primary" disabled={save.isPending}>
              {save.isPending ? 'Saving…' : 'Save page'}
            </button>
            {save.isSuccess && edits === unchanged && (
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
}

function useSave(page: Page, links: readonly Link[], edits: Edits) {
  return useApiMutation(async (api) => {
    for (const { code, listed } of links) {
      const wanted = edits.listed[code];
      if (wanted === undefined || wanted === listed) continue;
      await api.send('patch', '/links/:code', linkSchema, { param: { code }, json: { listed: wanted } });
    }
    const json: PageChange = {
      ...(edits.title !== undefined && { title: edits.title }),
      ...(edits.description !== undefined && { description: edits.description.trim() || null }),
      ...(edits.order && { order: edits.order.slice(0, mostPlaces) }),
    };
    return api.send('patch', '/pages/:page', pageSchema, { param: { page: page.path.slice(1) }, json });
  });
}

function arrange(links: readonly Link[], { order, listed }: Edits): Link[] {
  const places = new Map(order?.map((code, place) => [code, place]));
  function placeOf({ code }: Link): number {
    return places.get(code) ?? Infinity;
  }
  return links
    .map((link) => ({ ...link, listed: listed[link.code] ?? link.listed }))
    .sort((a, b) => (placeOf(a) === placeOf(b) ? byPosition(a, b) : placeOf(a) - placeOf(b)));
}

function byPosition(a: Link, b: Link): number {
  return (a.position ?? Infinity) - (b.position ?? Infinity) || (a.createdAt < b.createdAt ? -1 : 1);
}

interface OrderProps {
  links: readonly Link[];
  onMove: (from: number, to: number) => void;
  onList: (link: Link, listed: boolean) => void;
}

function Order({ links, onMove, onList }: OrderProps) {
  const { list, note } = useFocusAfterMove();
  const [place, setPlace] = useState('');
  function nameOf(link: Link): string {
    return link.title ?? link.code;
  }
  function move(from: number, to: number): void {
    note(from, to);
    onMove(from, to);
    const link = links[from];
    setPlace(link ? `${nameOf(link)}: place ${to + 1} of ${links.length}` : '');
  }
  return (
    <>
      <p className="visually-hidden" role="status">
        {place}
      </p>
      <ol className="rows" ref={list}>
        {links.map((link, index) => (
          <li key={link.code}>
            <label className="check">
              <input
                type="checkbox"
                checked={link.listed}
                onChange={({ target }) => onList(link, target.checked)}
                aria-label={`Show ${nameOf(link)}`}
              />
              <span dir="auto">{nameOf(link)}</span>
            </label>
            <Move name={nameOf(link)} index={index} last={links.length - 1} onMove={(to) => move(index, to)} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** A row that is moved in the document loses the focus: it gets it back, on the button that can go on. */
function useFocusAfterMove() {
  const list = useRef<HTMLOListElement>(null);
  const moved = useRef<{ to: number; up: boolean }>(undefined);
  useEffect(() => {
    if (moved.current === undefined) return;
    const { to, up } = moved.current;
    moved.current = undefined;
    const buttons = [...(list.current?.children[to]?.querySelectorAll('button') ?? [])];
    (up ? buttons : buttons.toReversed()).find(({ disabled }) => !disabled)?.focus();
  });
  return { list, note: (from: number, to: number): void => void (moved.current = { to, up: to < from }) };
}

function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = items.filter((_, index) => index !== from);
  const item = items[from];
  if (item !== undefined) next.splice(to, 0, item);
  return next;
}

interface MoveProps {
  name: string;
  index: number;
  last: number;
  onMove: (to: number) => void;
}

function Move({ name, index, last, onMove }: MoveProps) {
  return (
    <span className="move">
      {(['up', 'down'] as const).map((way) => (
        <button
          key={way}
          type="button"
          className="quiet small"
          disabled={index === (way === 'up' ? 0 : last)}
          aria-label={`Move ${name} ${way}`}
          onClick={() => onMove(way === 'up' ? index - 1 : index + 1)}
        >
          {way === 'up' ? '↑' : '↓'}
        </button>
      ))}
    </span>
  );
}

interface LooksProps {
  title: string;
  description: string;
  links: readonly Link[];
}

/** How the page will look, at the size of a phone. */
function Preview({ title, description, links }: LooksProps) {
  return (
    <div className="phone" role="img" aria-label={`Preview of the link page ${title} with ${links.length} links`}>
      <div aria-hidden="true">
        <span className="phone-mark">{firstLetter(title)}</span>
        <b dir="auto">{title}</b>
        {description !== '' && <p dir="auto">{description}</p>}
        {links.map((link) => (
          <span className="phone-link" key={link.code}>
            <span dir="auto">{link.title ?? readHost(link.url)}</span>
            <small dir="ltr">{readHost(link.url)}</small>
          </span>
        ))}
      </div>
    </div>
  );
}

function firstLetter(title: string): string {
  return graphemes.segment(title.trim())[Symbol.iterator]().next().value?.segment.toLocaleUpperCase('en') ?? '·';
}

function readHost(url: string): string {
  return URL.parse(url)?.hostname.replace(/^www\./, '') ?? '';
}
