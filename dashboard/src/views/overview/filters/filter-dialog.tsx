import { useState } from 'react';
import { type Filter, filterLimits, type FilterOperator, filterOperators } from '#schemas/api/filters.ts';
import { type DashboardPart, maxTopLinks } from '#schemas/api/dashboard.ts';
import {
  type Dimension,
  type DimensionName,
  dimensionNames,
  dimensions,
  isCounted,
  utmKeyOf,
} from '#schemas/dimensions.ts';
import { type Subject, useParts, useStats } from '../../../api/queries.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { Form } from '../../../components/form.tsx';
import { Checkbox, SelectField } from '../../../components/inputs.tsx';
import { SearchField } from '../../../components/search-field.tsx';
import { hasNames, valueName } from '../../../format/names.ts';
import { formatCount } from '../../../format/numbers.ts';
import type { Range } from '../../../range/range.ts';
import { operatorNames } from './filter-words.ts';

interface FilterDialogProps {
  subject: Subject;
  range: Range;
  /** Undefined adds one. */
  filter: Filter | undefined;
  /** Is called with a filter without values to remove it. */
  onApply: (filter: Filter) => void;
  onClose: () => void;
}

/** Chooses a dimension, how to compare, and values: those of the period, or others. */
export default function FilterDialog({ subject, range, filter, onApply, onClose }: FilterDialogProps) {
  const [draft, setDraft] = useState<Filter>(filter ?? { dimension: 'country', operator: 'is', values: [] });
  const { dimension, operator, values } = draft;
  const offered = dimensionNames.filter((name) => subject.kind === 'pages' || (name !== 'link' && name !== 'event'));
  function change(changes: Partial<Filter>): void {
    setDraft({ ...draft, ...changes });
  }
  function apply(next: Filter): void {
    onApply(next);
    onClose();
  }
  return (
    <Dialog title={filter ? 'Edit filter' : 'Add filter'} onClose={onClose}>
      <Form onSubmit={() => apply(draft)}>
        <div className="form-row">
          <SelectField
            label="Dimension"
            value={dimension}
            onChange={(next) => change({ dimension: next, operator: 'is', values: [] })}
            options={offered.map((value) => ({ value, label: dimensions[value].label }))}
          />
          <SelectField
            label="Condition"
            value={operator}
            onChange={(next) =>
              change({ operator: next, ...(isContains(next) !== isContains(operator) && { values: [] }) })
            }
            options={filterOperators
              // Codes such as AT are shown by their names, which they do not contain.
              .filter((value) => value !== 'contains' || !hasNames(dimension))
              .map((value) => ({ value, label: operatorNames[value] }))}
          />
        </div>
        <Values
          key={`${dimension} ${isContains(operator)}`}
          draft={draft}
          subject={subject}
          range={range}
          onChange={(next) => change({ values: next })}
        />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={values.length === 0}>
            {filter ? 'Save filter' : 'Add filter'}
          </button>
          {filter && (
            <button type="button" className="quiet" onClick={() => apply({ ...filter, values: [] })}>
              Remove filter
            </button>
          )}
        </div>
      </Form>
    </Dialog>
  );
}

function isContains(operator: FilterOperator): boolean {
  return operator === 'contains';
}

const longestList = 50;

interface ValuesProps {
  draft: Filter;
  subject: Subject;
  range: Range;
  onChange: (values: string[]) => void;
}

/** The values of the period with the most clicks, and a field that finds one or takes another. */
function Values({ draft: { dimension, operator, values }, subject, range, onChange }: ValuesProps) {
  const [search, setSearch] = useState('');
  const options = useOptions(subject, range, dimension);
  const term = search.trim();
  const isFull = values.length >= filterLimits.values;
  const isTyped = term !== '' && term.length <= filterLimits.value;
  const known = isContains(operator) ? [] : options;
  const others = values.filter((value) => !known.some((option) => option.value === value));
  const matching = [...others.map((value): Option => ({ value, count: undefined })), ...known].filter(({ value }) =>
    `${value} ${valueName(dimension, value)}`.toLowerCase().includes(term.toLowerCase()),
  );
  const isNew = isTyped && !matching.some(({ value }) => value === term);
  function add(): void {
    if (!isFull && isTyped) onChange([...new Set([...values, term])]);
    setSearch('');
  }
  return (
    <fieldset>
      <legend>{isContains(operator) ? 'Texts' : 'Values'}</legend>
      <div className="value-search">
        <SearchField
          label={isContains(operator) ? 'Text to find' : 'Find or type a value'}
          value={search}
          onChange={setSearch}
        />
        {isNew && (
          <button type="button" className="quiet" disabled={isFull} onClick={add}>
            Add <bdi>“{term}”</bdi>
          </button>
        )}
      </div>
      <ul className="value-list">
        {matching.slice(0, longestList).map(({ value, count }) => (
          <li key={value}>
            <Checkbox
              label={
                <span dir="auto">
                  {isContains(operator) ? value : valueName(dimension, value)}{' '}
                  {count !== undefined && <small>{formatCount(count)}</small>}
                </span>
              }
              checked={values.includes(value)}
              onChange={(checked) =>
                (!checked || !isFull) &&
                onChange(checked ? [...values, value] : values.filter((each) => each !== value))
              }
            />
          </li>
        ))}
      </ul>
      {isFull && <p className="soft">A filter takes at most {filterLimits.values} values.</p>}
      {matching.length === 0 && term === '' && (
        <p className="soft">No values to choose from yet. Type one, then add it.</p>
      )}
    </fieldset>
  );
}

interface Option {
  value: string;
  count: number | undefined;
}

/** Reads the values of a dimension in the period, without its own filters. */
function useOptions(subject: Subject, range: Range, dimension: DimensionName): Option[] {
  const without = { ...range, filters: range.filters.filter((filter) => filter.dimension !== dimension) };
  const { section }: Dimension = dimensions[dimension];
  const counted = useStats(subject, without, 'current', isCounted(dimension));
  const parts: DashboardPart[] = section === undefined ? [] : [section];
  const listed = useParts(subject, without, parts, { enabled: section !== undefined, topLinks: maxTopLinks });
  if (isCounted(dimension)) return toOptions(counted.data?.breakdowns[dimension]);
  if (section === undefined || listed.data === undefined) return [];
  if (section === 'links') return (listed.data.links ?? []).map(({ code, clicks }) => ({ value: code, count: clicks }));
  if (section === 'events') return (listed.data.events ?? []).map(({ event, count }) => ({ value: event, count }));
  const key = utmKeyOf(dimension);
  if (section === 'utm') return toOptions(key && listed.data.utm?.[key]);
  return toOptions(listed.data[section]);
}

function toOptions(
  rows: readonly { value: string | null; views: number; clicks: number }[] | null | undefined,
): Option[] {
  return (rows ?? []).map(({ value, views, clicks }) => ({ value: value ?? '', count: Math.max(views, clicks) }));
}
