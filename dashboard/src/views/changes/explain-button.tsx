import { lazy, Suspense, useState } from 'react';
import type { Subject } from '../../api/queries.ts';
import type { Range } from '../../range/range.ts';

/** Opens the explanation of a change. */
export function ExplainButton({ subject, range }: { subject: Subject; range: Range }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="quiet small explain" onClick={() => setOpen(true)}>
        What changed?
      </button>
      {open && (
        <Suspense>
          <ChangesDialog subject={subject} range={range} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

const ChangesDialog = lazy(() => import('./changes-dialog.tsx'));
