import { useState } from 'react';
import type { LinkView } from '#schemas/api/links.ts';
import { SearchField } from '../../components/search-field.tsx';
import { useSetQuery } from '../../router/location.ts';
import { filterNames, type LinkFilters, sorts, states } from './link-filters.ts';

interface FilterBarProps {
  links: readonly LinkView[];
  filters: LinkFilters;
  page: string;
}

/** Search, filters and order of the links. They can be saved as a view of this browser. */
export function FilterBar({ links, filters, page }: FilterBarProps) {
  const change = useSetQuery();
  const [saved, setSaved] = useState(() => localStorage.getItem(storageKey(page)));
  const tags = [...new Set(links.flatMap((link) => link.tags))].sort();
  const campaigns = [...new Set(links.flatMap(({ campaign }) => campaign ?? []))].sort();
  const current = toQuery(filters);
  function save(): void {
    localStorage.setItem(storageKey(page), current);
    setSaved(current);
  }
  return (
    <div className="filter-bar" role="group" aria-label="Filters">
      <SearchField
        label="Search links"
        value={filters.search}
        onChange={(search) => change({ search: search || null })}
      />
      <Choice
        label="State"
        value={filters.state}
        options={Object.entries(states)}
        onChange={(state) => change({ state: state === 'listed' ? null : state })}
      />
      {tags.length > 0 && (
        <Choice
          label="Tag"
          value={filters.tag}
          options={[['', 'All tags'], ...tags.map((tag): [string, string] => [tag, tag])]}
          onChange={(tag) => change({ tag: tag || null })}
        />
      )}
      {campaigns.length > 0 && (
        <Choice
          label="Campaign"
          value={filters.campaign}
          options={[['', 'All campaigns'], ...campaigns.map((name): [string, string] => [name, name])]}
          onChange={(campaign) => change({ 'campaign-of': campaign || null })}
        />
      )}
      <Choice
        label="Order"
        value={filters.sort}
        options={Object.entries(sorts)}
        onChange={(sort) => change({ sort: sort === 'newest' ? null : sort })}
      />
      {current !== '' && current !== saved && (
        <button type="button" className="quiet" onClick={save}>
          Save view
        </button>
      )}
      {saved !== null && saved !== '' && current !== saved && (
        <button type="button" className="quiet" onClick={() => change(toChanges(saved))}>
          Saved view
        </button>
      )}
      {current !== '' && (
        <button type="button" className="quiet" onClick={() => change(toChanges(''))}>
          Reset filters
        </button>
      )}
    </div>
  );
}

function storageKey(page: string): string {
  return `hopcount.links-view${page}`;
}

/** Returns the filters as a query; empty for the first view of the list. */
function toQuery({ search, tag, campaign, state, sort }: LinkFilters): string {
  const values = [search, tag, campaign, state === 'listed' ? '' : state, sort === 'newest' ? '' : sort];
  return new URLSearchParams(
    filterNames.flatMap((name, at): [string, string][] => (values[at] ? [[name, values[at]]] : [])),
  ).toString();
}

function toChanges(saved: string): Record<string, string | null> {
  const query = new URLSearchParams(saved);
  return Object.fromEntries(filterNames.map((name) => [name, query.get(name)]));
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={({ target }) => onChange(target.value)}>
      {options.map(([option, name]) => (
        <option key={option} value={option}>
          {name}
        </option>
      ))}
    </select>
  );
}
