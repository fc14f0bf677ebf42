import {
  labelOfField,
  measureKinds,
  metricColumns,
  metricLimits,
  metricOperators,
  takesProperty,
} from '#schemas/insights/metrics.ts';
import { Field } from '../../components/field.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { type FilterDraft, type MeasureDraft, newFilter, propertyField } from './metric-draft.ts';
import { measureNames, operatorNames } from './metric-words.ts';

interface MeasureFieldsProps {
  measure: MeasureDraft;
  error: string | undefined;
  onChange: (measure: MeasureDraft) => void;
  /** Absent for the only one. */
  onRemove?: () => void;
}

/** What one measure counts, and by which events. */
export function MeasureFields({ measure, error, onChange, onRemove }: MeasureFieldsProps) {
  const { name, of, property, filters } = measure;
  function set(change: Partial<MeasureDraft>): void {
    onChange({ ...measure, ...change });
  }
  return (
    <div className="measure">
      <div className="form-row">
        <TextField
          label="Name in the formula"
          className="code"
          required
          maxLength={metricLimits.measureName}
          pattern="[a-z][a-z0-9_]*"
          value={name}
          onChange={(value) => set({ name: value })}
        />
        <SelectField
          label="Counts"
          value={of}
          onChange={(value) => set({ of: value })}
          options={measureKinds.map((value) => ({ value, label: measureNames[value] }))}
        />
        {takesProperty(of) && (
          <TextField
            label="Property"
            placeholder="price"
            maxLength={metricLimits.property}
            help="Empty: revenue, or the amount of the events in the filter."
            value={property}
            onChange={(value) => set({ property: value })}
          />
        )}
      </div>
      {filters.map((filter, at) => (
        <FilterFields
          key={at}
          filter={filter}
          onChange={(changed) => set({ filters: filters.with(at, changed) })}
          onRemove={() => set({ filters: filters.toSpliced(at, 1) })}
        />
      ))}
      {error !== undefined && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      <div className="form-actions">
        <button
          type="button"
          className="quiet small"
          disabled={filters.length >= metricLimits.filters}
          onClick={() => set({ filters: [...filters, newFilter] })}
        >
          Add filter<span className="visually-hidden"> to {name}</span>
        </button>
        {onRemove && (
          <button type="button" className="quiet small danger" onClick={onRemove}>
            Remove measure<span className="visually-hidden"> {name}</span>
          </button>
        )}
      </div>
    </div>
  );
}

interface FilterFieldsProps {
  filter: FilterDraft;
  onChange: (filter: FilterDraft) => void;
  onRemove: () => void;
}

function FilterFields({ filter, onChange, onRemove }: FilterFieldsProps) {
  function set(change: Partial<FilterDraft>): void {
    onChange({ ...filter, ...change });
  }
  return (
    <div className="measure-filter">
      <div className="form-row">
        <SelectField
          label="Filter by"
          value={filter.field}
          onChange={(field) => set({ field })}
          options={[
            ...metricColumns.map((value) => ({ value: value as string, label: labelOfField(value) })),
            { value: propertyField, label: 'Property of the event' },
          ]}
        />
        {filter.field === propertyField && (
          <TextField
            label="Name of the property"
            required
            maxLength={metricLimits.property}
            value={filter.property}
            onChange={(property) => set({ property })}
          />
        )}
        <SelectField
          label="Condition"
          value={filter.operator}
          onChange={(operator) => set({ operator })}
          options={metricOperators.map((value) => ({ value, label: operatorNames[value] }))}
        />
      </div>
      <Field label="Values" help="One a line. An empty line stands for events without a value.">
        {(control) => (
          <textarea
            {...control}
            rows={2}
            value={filter.values}
            onChange={({ target }) => set({ values: target.value })}
          />
        )}
      </Field>
      <div className="form-actions">
        <button type="button" className="quiet small" onClick={onRemove}>
          Remove filter
        </button>
      </div>
    </div>
  );
}
