import { lazy, Suspense, useState } from 'react';

/** A button that opens the form of a new annotation. */
export function AddAnnotation({ page, zone }: { page: string; zone: string }) {
  const [adding, setAdding] = useState(false);
  return (
    <>
      <button type="button" className="quiet small" onClick={() => setAdding(true)}>
        Add annotation
      </button>
      {adding && (
        <Suspense>
          <AnnotationForm page={page} zone={zone} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </>
  );
}

const AnnotationForm = lazy(() => import('./annotation-form.tsx'));
