import { type EventMatch, eventMatchSchema } from '#schemas/api/insights/retention.ts';
import { useParts } from '../../api/queries.ts';
import { SelectField } from '../../components/inputs.tsx';
import { readRange } from '../../range/range.ts';
import { useNow } from '../../range/use-now.ts';

interface EventFieldProps {
  label: string;
  page: string;
  zone: string;
  value: EventMatch;
  /** The match as JSON; null for any event. */
  onChange: (json: string | null) => void;
}

/** Chooses any event, a type, or a custom event of the last 30 days by its name. */
export function EventField({ label, page, zone, value, onChange }: EventFieldProps) {
  const names = useEventNames(page, zone);
  const chosen = toOption(value);
  const custom = [...new Set([...names, ...(value.name === undefined ? [] : [value.name])])].map((name) =>
    toOption({ type: 'custom', name }),
  );
  const known = [...types, ...custom];
  const options = known.some((option) => option.value === chosen.value) ? known : [...known, chosen];
  return (
    <SelectField
      label={label}
      options={options}
      value={chosen.value}
      onChange={(json) => onChange(json === '{}' ? null : json)}
    />
  );
}

/** Reads a match of the URL; one that is not valid is any event. */
export function parseMatch(json: string | null): EventMatch {
  try {
    return eventMatchSchema.safeParse(JSON.parse(json ?? '{}')).data ?? {};
  } catch {
    return {};
  }
}

const types = ([{}, { type: 'page_view' }, { type: 'link_click' }] as const).map(toOption);

function toOption(match: EventMatch): { value: string; label: string } {
  return { value: JSON.stringify(match), label: describeMatch(match) };
}

/** `Signed Up`, `Click on spring`, `Page views` */
export function describeMatch({ type, name, link, filters = [] }: EventMatch): string {
  const more = filters.length === 0 ? '' : ', filtered';
  if (name !== undefined) return name + more;
  if (link !== undefined) return `Click on ${link}${more}`;
  if (type === undefined) return `Any event${more}`;
  return { page_view: 'Page views', link_click: 'Link clicks', custom: 'Custom events' }[type] + more;
}

/** A share sees no names, unless it shows conversions. */
export function useEventNames(page: string, zone: string): string[] {
  const range = readRange(new URLSearchParams(), zone, useNow());
  const { data } = useParts({ kind: 'pages', name: page }, range, ['events']);
  return [...new Set((data?.events ?? []).map(({ event }) => event))];
}
