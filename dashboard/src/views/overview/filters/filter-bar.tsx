import { lazy, Suspense, useState } from 'react';
import { type Filter, filterParameter } from '#schemas/api/filters.ts';
import { dimensions } from '#schemas/dimensions.ts';
import type { Subject } from '../../../api/queries.ts';
import type { Range } from '../../../range/range.ts';
import { describeFilters, listValues, operatorNames } from './filter-words.ts';
import { Segments } from './segments.tsx';
import { replaceFilter } from './change-filters.ts';
import type { Filters } from './use-filters.ts';

interface FilterBarProps {
  subject: Subject;
  range: Range;
  filters: Filters;
  /** Page whose segments are offered; undefined offers none. */
  segmentsOf: string | undefined;
  readOnly: boolean;
}

/** The filters of a view, each of which can be edited and removed, and the segments of its page. */
export function FilterBar({ subject, range, filters, segmentsOf, readOnly }: FilterBarProps) {
  const [edited, setEdited] = useState<Filter | 'new'>();
  return (
    <>
      <button type="button" className="quiet small" aria-label="Add filter" onClick={() => setEdited('new')}>
        <span aria-hidden="true">+</span> Filter
      </button>
      {segmentsOf !== undefined && <Segments page={segmentsOf} filters={filters} readOnly={readOnly} />}
      {filters.filters.length > 0 && (
        <ul className="filters" aria-label="Filters">
          {filters.filters.map((filter) => (
            <Chip
              key={filterParameter(filter)}
              filter={filter}
              onEdit={() => setEdited(filter)}
              onRemove={() => filters.set(filters.filters.filter((each) => each !== filter))}
            />
          ))}
        </ul>
      )}
      {edited !== undefined && (
        <Suspense>
          <FilterDialog
            subject={subject}
            range={range}
            filter={edited === 'new' ? undefined : edited}
            onApply={(filter) =>
              filters.set(replaceFilter(filters.filters, edited === 'new' ? undefined : edited, filter))
            }
            onClose={() => setEdited(undefined)}
          />
        </Suspense>
      )}
    </>
  );
}

const FilterDialog = lazy(() => import('./filter-dialog.tsx'));

interface ChipProps {
  filter: Filter;
  onEdit: () => void;
  onRemove: () => void;
}

function Chip({ filter, onEdit, onRemove }: ChipProps) {
  const { dimension, operator } = filter;
  return (
    <li className="chip">
      <button type="button" onClick={onEdit}>
        {dimensions[dimension].label} {operatorNames[operator]} <b dir="auto">{listValues(filter)}</b>
        <span className="visually-hidden"> (edit filter)</span>
      </button>
      <button
        type="button"
        className="chip-remove"
        onClick={({ currentTarget }) => {
          // The button disappears, so the focus moves to the filter controls.
          currentTarget.closest<HTMLElement>('.range-bar')?.focus({ preventScroll: true });
          onRemove();
        }}
      >
        <span aria-hidden="true">×</span>
        <span className="visually-hidden">Remove filter {describeFilters([filter])}</span>
      </button>
    </li>
  );
}
