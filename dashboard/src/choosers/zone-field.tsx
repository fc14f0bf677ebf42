import { SelectField } from '../components/inputs.tsx';
import { timeZones } from '../format/times.ts';

interface ZoneFieldProps {
  help: string;
  error: string | undefined;
  value: string;
  onChange: (zone: string) => void;
}

/** Chooses a time zone, also one by an older name that the browser's list leaves out. */
export function ZoneField(props: ZoneFieldProps) {
  const zones = [...new Set([props.value, ...timeZones()])];
  return <SelectField label="Time zone" options={zones.map((zone) => ({ value: zone, label: zone }))} {...props} />;
}

/** The time zone of the browser; UTC where it does not say. */
export function browserZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone as string | undefined;
  return zone === undefined || zone === 'Etc/Unknown' ? 'UTC' : zone;
}
