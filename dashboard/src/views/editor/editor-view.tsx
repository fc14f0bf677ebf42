import { useEffect, useRef, useState } from 'react';
import { linksSchema, type LinkView, linkViewSchema } from '#schemas/api/links.ts';
import { type PageChange, type PageView, pageViewSchema } from '#schemas/api/pages.ts';
import { useApiMutation, useFullList } from '../../api/lists.ts';
import type { PageDesign, VisitorTexts } from '#schemas/catalog.ts';
import { DomainField } from '../../choosers/domain-field.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { Field, FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { DesignFields } from './design-fields.tsx';
import { toTexts, VisitorTextFields } from './visitor-text-fields.tsx';
import { Breakable } from '../../format/breakable.tsx';
import { MoveButtons, moved } from './move-buttons.tsx';
import { PagePreview } from './page-preview.tsx';

/** Unsaved changes; everything else comes from the API, even if it changes meanwhile. */
interface Edits {
  title?: string;
  description?: string;
  /** Empty: the stack's own. */
  domain?: string;
  /** Codes in their new order; links that were added later are missing. */
  order?: readonly string[];
  /** Whether the page shows a link, by code. */
  listed: Readonly<Record<string, boolean>>;
  design?: PageDesign;
  texts?: VisitorTexts;
  /** Where the page shows a link, by code. */
  places: Readonly<Record<string, Place>>;
}

type Place = Pick<LinkView, 'section' | 'icon'>;

const unchanged: Edits = { listed: {}, places: {} };
const noTexts: VisitorTexts = { closed: null, unknown: null };
const plainDesign: PageDesign = { picture: null, accent: null, theme: 'system', sections: [] };

/** The API's limit per request. */
const maxOrder = 1000;

/** Edits title, description, design and links of a link page, with a preview. */
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
  const design = edits.design ?? page.design ?? plainDesign;
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
          <DomainField
            help="Of this link page and of new links. Existing links keep theirs."
            error={fieldError(save.error, 'domain')}
            domains={page.domains}
            value={edits.domain ?? page.domain ?? ''}
            onChange={(domain) => change({ domain })}
          />
          <DesignFields
            design={design}
            error={save.error}
            onChange={(next) => change({ design: { ...design, ...next } })}
            onRename={(from, to) => change(renameSection(edits, design, arranged, from, to))}
          />
          <VisitorTextFields
            texts={edits.texts ?? page.texts ?? noTexts}
            hasDomains={page.domains.length > 0}
            error={save.error}
            onChange={(texts) => change({ texts })}
          />
          <fieldset>
            <legend>Links</legend>
            {arranged.length === 0 && <Empty>No links yet. Create links in the Links tab to show them here.</Empty>}
            <Order
              links={arranged}
              sections={design.sections}
              onMove={(from, to) => change({ order: moved(codes, from, to) })}
              onList={({ code }, listed) => change({ listed: { ...edits.listed, [code]: listed } })}
              onPlace={({ code }, place) => change({ places: { ...edits.places, [code]: place } })}
            />
          </fieldset>
          <FormError
            error={save.error}
            fields={[
              'title',
              'description',
              'domain',
              'design.picture',
              'design.accent',
              'texts.closed',
              'texts.unknown',
            ]}
          />
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
        <PagePreview title={title} description={description} design={design} links={shown} />
      </Panel>
    </div>
  );
}

function useSave(page: PageView, links: readonly LinkView[], edits: Edits) {
  return useApiMutation(async (api) => {
    for (const link of arrange(links, edits)) {
      const stored = links.find(({ code }) => code === link.code);
      const { code, listed, section, icon } = link;
      if (stored?.listed === listed && stored.section === section && stored.icon === icon) continue;
      await api.send('patch', '/links/:code', linkViewSchema, { param: { code }, json: { listed, section, icon } });
    }
    const json: PageChange = {
      ...(edits.title !== undefined && { title: edits.title }),
      ...(edits.description !== undefined && { description: edits.description.trim() || null }),
      ...(edits.domain !== undefined && { domain: edits.domain || null }),
      ...(edits.texts && { texts: toTexts(edits.texts) }),
      ...(edits.design && { design: edits.design }),
      ...(edits.order && { order: edits.order.slice(0, maxOrder) }),
    };
    return api.send('patch', '/pages/:page', pageViewSchema, { param: { page: page.path.slice(1) }, json });
  });
}

function renameSection(
  { places }: Edits,
  design: PageDesign,
  links: readonly LinkView[],
  from: string,
  to: string,
): Partial<Edits> {
  const renamed = links
    .filter(({ section }) => section === from)
    .map(({ code, icon }): [string, Place] => [code, { section: to, icon }]);
  const sections = design.sections.map((name) => (name === from ? to : name));
  return { design: { ...design, sections }, places: { ...places, ...Object.fromEntries(renamed) } };
}

function arrange(links: readonly LinkView[], { order, listed, places }: Edits): LinkView[] {
  const positions = new Map(order?.map((code, position) => [code, position]));
  function position({ code }: LinkView): number {
    return positions.get(code) ?? Infinity;
  }
  return links
    .map((link) => ({ ...link, listed: listed[link.code] ?? link.listed, ...places[link.code] }))
    .sort((a, b) => (position(a) === position(b) ? byPosition(a, b) : position(a) - position(b)));
}

function byPosition(a: LinkView, b: LinkView): number {
  return (a.position ?? Infinity) - (b.position ?? Infinity) || (a.createdAt < b.createdAt ? -1 : 1);
}

interface OrderProps {
  links: readonly LinkView[];
  sections: readonly string[];
  onMove: (from: number, to: number) => void;
  onList: (link: LinkView, listed: boolean) => void;
  onPlace: (link: LinkView, place: Place) => void;
}

function Order({ links, sections, onMove, onList, onPlace }: OrderProps) {
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
              <span dir="auto">
                <Breakable text={displayName(link)} />
              </span>
            </label>
            <PlaceSelect link={link} sections={sections} onPlace={onPlace} />
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

const iconChoice = -2;
const aboveChoice = -1;

/** Chooses among the icons, the links above the sections, and the sections. */
function PlaceSelect({ link, sections, onPlace }: Pick<OrderProps, 'sections' | 'onPlace'> & { link: LinkView }) {
  const value = link.icon ? iconChoice : sections.indexOf(link.section ?? '');
  function place(choice: number): Place {
    return { icon: choice === iconChoice, section: sections[choice] ?? null };
  }
  return (
    <select
      className="place"
      aria-label={`Place of ${displayName(link)}`}
      value={value}
      onChange={({ target }) => onPlace(link, place(Number(target.value)))}
    >
      <option value={aboveChoice}>{sections.length === 0 ? 'Button' : 'No section'}</option>
      {sections.map((name, index) => (
        <option key={name} value={index}>
          {name}
        </option>
      ))}
      <option value={iconChoice}>Icon</option>
    </select>
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
