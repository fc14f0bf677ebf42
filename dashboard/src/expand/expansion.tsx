import { lazy, Suspense, useState } from 'react';
import type { Data } from './data-table.ts';

/** Whether all rows of a panel are shown in a dialog. */
export interface Expansion {
  open: boolean;
  show: () => void;
  hide: () => void;
}

export function useExpansion(): Expansion {
  const [open, setOpen] = useState(false);
  return { open, show: () => setOpen(true), hide: () => setOpen(false) };
}

interface ExpandedProps {
  expansion: Expansion;
  title: string;
  /** Name of the exported file, without its ending. */
  file: string;
  data: () => Data;
}

/** The dialog of an expanded panel, loaded when it is first opened. */
export function Expanded({ expansion, data, ...named }: ExpandedProps) {
  if (!expansion.open) return null;
  return (
    <Suspense>
      <DataDialog {...named} data={data()} onClose={expansion.hide} />
    </Suspense>
  );
}

const DataDialog = lazy(() => import('./data-dialog.tsx'));
