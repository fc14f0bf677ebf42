import { useEffect, useRef, useState } from 'react';
import { linksSchema, type LinkView, linkViewSchema } from '#schemas/api/links.ts';
import { type PageChange, type PageView, pageViewSchema } from '#schemas/api/pages.ts';
import { useApiMutation, useFullList } from '../../api/lists.ts';
import { fieldError } from '../../api/field-errors.ts';
import { Field, FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { plural } from '../../format/numbers.ts';

const graphemes = new Intl.Segmenter();

/** Unsaved changes; everything else comes from the API, even if it changes meanwhile. */
interface Edits {
  title?: string;
  description?: string;
  /** Codes in their new order; links that were added later are missing. */
  order?: readonly string[];
  /** Whether the page shows a link, by code. */
  listed: Readonly<Record<string, boolean>>;
}

const unchanged: Edits = { listed: {} };

/** The API's limit per request. */
const maxOrder = 1000;

/** Edits title, description and links of a link page, with a preview. */
export default function EditorView({ page }: { page: PageView }) {
  const links = useFullList(['links', page.path], (api, { query, signal }) =>
    api.send('get', '/links', linksSchema, { query: { ...query, page: page.path }, signal }),
  );
  return (
    <Loaded query={links} rows={6}>
      {(rows) => <Editor page={page} links={rows} />}
    </Loaded>
  );
}

function Editor({ page, links }: { page: PageView; links: readonly LinkView[] }) {
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
        <Form onSubmit={() => save.mutate(undefined, { onSuccess: () => setEdits(unchanged) })}>
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
            <legend>Links</legend>
            {arranged.length === 0 && <Empty>No links yet. Create links in the Links tab to show them here.</Empty>}
            <Order
              links={arranged}
              onMove={(from, to) => change({ order: moved(codes, from, to) })}
              onList={({ code }, listed) => change({ listed: { ...edits.listed, [code]: listed } })}
            />
          </fieldset>
          <FormError error={save.error} fields={['title', 'description']} />
          <div className="form-actions">
            <button type="submit" className="primary" disabled={save.isPending}>
              {save.isPending ? 'Saving…' : 'Save link page'}
            </button>
            {save.isSuccess && edits === unchanged && (
              <span className="done" role="status">
                Link page saved. Visitors see it within a minute.
              </span>
            )}
          </div>
        </Form>
      </Panel>
      <Panel title="Preview">
        <Preview title={title} description={description} links={shown} />
      </Panel>
    </div>
  );
}

function useSave(page: PageView, links: readonly LinkView[], edits: Edits) {
  return useApiMutation(async (api) => {
    for (const { code, listed } of links) {
      const edited = edits.listed[code];
      if (edited === undefined || edited === listed) continue;
      await api.send('patch', '/links/:code', linkViewSchema, { param: { code }, json: { listed: edited } });
    }
    const json: PageChange = {
      ...(edits.title !== undefined && { title: edits.title }),
      ...(edits.description !== undefined && { description: edits.description.trim() || null }),
      ...(edits.order && { order: edits.order.slice(0, maxOrder) }),
    };
    return api.send('patch', '/pages/:page', pageViewSchema, { param: { page: page.path.slice(1) }, json });
  });
}

function arrange(links: readonly LinkView[], { order, listed }: Edits): LinkView[] {
  const positions = new Map(order?.map((code, position) => [code, position]));
  function position({ code }: LinkView): number {
    return positions.get(code) ?? Infinity;
  }
  return links
    .map((link) => ({ ...link, listed: listed[link.code] ?? link.listed }))
    .sort((a, b) => (position(a) === position(b) ? byPosition(a, b) : position(a) - position(b)));
}

function byPosition(a: LinkView, b: LinkView): number {
  return (a.position ?? Infinity) - (b.position ?? Infinity) || (a.createdAt < b.createdAt ? -1 : 1);
}

interface OrderProps {
  links: readonly LinkView[];
  onMove: (from: number, to: number) => void;
  onList: (link: LinkView, listed: boolean) => void;
}

function Order({ links, onMove, onList }: OrderProps) {
  const { list, focusAfterMove } = useFocusAfterMove();
  const [announcement, setAnnouncement] = useState('');
  function move(from: number, to: number): void {
    focusAfterMove(from, to);
    onMove(from, to);
    const link = links[from];
    setAnnouncement(link ? `${displayName(link)}: position ${to + 1} of ${links.length}` : '');
  }
  return (
    <>
      <p className="visually-hidden" role="status">
        {announcement}
      </p>
      <ol className="rows" ref={list}>
        {links.map((link, index) => (
          <li key={link.code}>
            <label className="check">
              <input
                type="checkbox"
                checked={link.listed}
                onChange={({ target }) => onList(link, target.checked)}
                aria-label={`Show ${displayName(link)}`}
              />
              <span dir="auto">{displayName(link)}</span>
            </label>
            <MoveButtons
              name={displayName(link)}
              index={index}
              last={links.length - 1}
              onMove={(to) => move(index, to)}
            />
          </li>
        ))}
      </ol>
    </>
  );
}

function displayName(link: LinkView): string {
  return link.title ?? link.code;
}

/** Returns the focus to a moved row, which loses it: to the same button, or to the other one at either end. */
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
  return { list, focusAfterMove: (from: number, to: number): void => void (moved.current = { to, up: to < from }) };
}

function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = items.filter((_, index) => index !== from);
  const item = items[from];
  if (item !== undefined) next.splice(to, 0, item);
  return next;
}

interface MoveButtonsProps {
  name: string;
  index: number;
  last: number;
  onMove: (to: number) => void;
}

function MoveButtons({ name, index, last, onMove }: MoveButtonsProps) {
  return (
    <span className="move">
      {(['up', 'down'] as const).map((direction) => (
        <button
          key={direction}
          type="button"
          className="quiet small"
          disabled={index === (direction === 'up' ? 0 : last)}
          aria-label={`Move ${name} ${direction}`}
          onClick={() => onMove(direction === 'up' ? index - 1 : index + 1)}
        >
          {direction === 'up' ? '↑' : '↓'}
        </button>
      ))}
    </span>
  );
}

interface PreviewProps {
  title: string;
  description: string;
  links: readonly LinkView[];
}

/** The link page at the size of a phone. */
function Preview({ title, description, links }: PreviewProps) {
  return (
    <div
      className="phone"
      role="img"
      aria-label={`Preview of the link page ${title} with ${plural(links.length, 'link')}`}
    >
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
