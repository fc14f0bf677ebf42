import { useState } from 'react';
import { Chooser } from './chooser.tsx';
import { readOrigin } from './origin.ts';

interface OriginsFieldProps {
  label: string;
  help: string;
  error: string | undefined;
  origins: readonly string[];
  onChange: (origins: string[]) => void;
  max: number;
}

/** Chooses origins of sites by typing their addresses. */
export function OriginsField({ origins, onChange, ...props }: OriginsFieldProps) {
  const [search, setSearch] = useState('');
  const typed = readOrigin(search);
  return (
    <Chooser
      {...props}
      chosen={origins.map((origin) => ({ value: origin, label: origin }))}
      onChange={(chosen) => onChange(chosen.map(({ value }) => value))}
      search={search}
      onSearch={setSearch}
      choices={typed === undefined ? [] : [{ value: typed, label: typed, typed: true }]}
      none={search === '' ? '' : 'Not an address of a site.'}
    />
  );
}
