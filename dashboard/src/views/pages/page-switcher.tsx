import { type KeyboardEvent, useDeferredValue, useId, useRef, useState } from 'react';
import { pagesSchema } from '#schemas/api/pages.ts';
import { useList } from '../../api/lists.ts';
import { LoadMore } from '../../components/load-more.tsx';
import { positionPopover } from '../../components/popover-position.ts';
import { SearchField } from '../../components/search-field.tsx';
import { Link } from '../../router/link.tsx';
import { useLocation, withQuery } from '../../router/location.ts';
import { pagePath, type PageTab } from '../../router/routes.ts';

interface SwitcherProps {
  /** Path of the current page, without the slash. */
  current: string;
  tab: PageTab;
}

/** A menu to switch to another page, which keeps tab and period. */
export function PageSwitcher({ current, tab }: SwitcherProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  const term = useDeferredValue(search.trim());
  return (
    <span className="switcher">
      <button
        ref={button}
        type="button"
        className="quiet small"
        popoverTarget={id}
        aria-label="Switch page"
        aria-expanded={open}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4 6 4 4 4-4" />
        </svg>
      </button>
      <div
        id={id}
        popover="auto"
        className="menu switcher-menu"
        onKeyDown={onKey}
        onToggle={(event) => {
          const shown = event.newState === 'open';
          setOpen(shown);
          setSearch('');
          if (!shown) return;
          if (button.current) positionPopover(button.current, event.currentTarget);
          field.current?.focus({ preventScroll: true });
        }}
      >
        <SearchField ref={field} label="Search pages" value={search} onChange={setSearch} />
        {open && <Matches current={current} tab={tab} search={term} />}
      </div>
    </span>
  );
}

/** The arrow keys move between the field and its matches; Enter in the field opens the first match. */
function onKey(event: KeyboardEvent<HTMLElement>): void {
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, li a')];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined) stops[Math.max(0, Math.min(stops.length - 1, at + step))]?.focus();
  else if (event.key === 'Enter' && at === 0) stops[1]?.click();
  else return;
  event.preventDefault();
}

function Matches({ current, tab, search }: SwitcherProps & { search: string }) {
  const { query } = useLocation();
  const pages = useList(['pages', search], (api, request) =>
    api.send('get', '/pages', pagesSchema, { ...request, query: { ...request.query, search } }),
  );
  // A link belongs to one page; everything else applies to the next page too.
  const nextQuery = withQuery(query, { link: null, 'link.not': null, 'link.contains': null });
  return (
    <LoadMore query={pages} empty="No matching pages.">
      {(rows) => (
        <ul>
          {rows.map(({ path, title }) => (
            <li key={path}>
              <Link
                to={pagePath(path.slice(1), tab) + nextQuery}
                aria-current={path === `/${current}` ? 'page' : undefined}
              >
                <span dir="auto">{title}</span> <small>{path}</small>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </LoadMore>
  );
}
