import { useState } from 'react';
import { useApiMutation } from '../../../api/lists.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { FormError } from '../../../components/field.tsx';
import { plural } from '../../../format/numbers.ts';
import { formatFullInstant, formatLongDate } from '../../../format/times.ts';
import { annotationsAt, type PlacedAnnotation } from './place.ts';

interface AnnotationMarksProps {
  annotations: readonly PlacedAnnotation[];
  /** Horizontal position of a point, in pixels. */
  positionOf: (index: number) => number;
  /** The page's time zone. */
  zone: string;
  /** The page, if its annotations can be deleted. */
  page: string | undefined;
}

/** A button below each point with annotations, which shows them. */
export function AnnotationMarks({ annotations, positionOf, zone, page }: AnnotationMarksProps) {
  const [opened, setOpened] = useState<number>();
  const shown = opened === undefined ? [] : annotationsAt(annotations, opened);
  return (
    <>
      <ul className="annotation-marks" aria-label="Annotations">
        {[...new Set(annotations.map(({ index }) => index))].map((index) => {
          const some = annotationsAt(annotations, index);
          return (
            <li key={index} style={{ left: positionOf(index) }}>
              <button type="button" onClick={() => setOpened(index)}>
                <span aria-hidden="true">{some.length > 1 ? some.length : ''}</span>
                <span className="visually-hidden">
                  {some.length > 1 ? plural(some.length, 'annotation') : `Annotation: ${some[0]?.text ?? ''}`},{' '}
                  {some[0] && momentOf(some[0], zone)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {shown.length > 0 && (
        <Dialog title={shown.length > 1 ? 'Annotations' : 'Annotation'} onClose={() => setOpened(undefined)}>
          <AnnotationList annotations={shown} zone={zone} page={page} />
        </Dialog>
      )}
    </>
  );
}

type AnnotationListProps = Omit<AnnotationMarksProps, 'positionOf'>;

function AnnotationList({ annotations, zone, page }: AnnotationListProps) {
  const remove = useApiMutation((api, id: string) =>
    api.remove('/pages/:page/annotations/:id', { param: { page: page ?? '', id } }),
  );
  return (
    <>
      <FormError error={remove.error} />
      <ul className="rows">
        {annotations.map((annotation) => (
          <li key={annotation.id}>
            <span>
              <b dir="auto">{annotation.text}</b>
              <br />
              <small>
                {momentOf(annotation, zone)}
                {annotation.source === 'key' && ' · added by an API key'}
              </small>
              {annotation.url !== null && (
                <>
                  <br />
                  <a href={annotation.url} target="_blank" rel="noopener noreferrer">
                    {annotation.url}
                  </a>
                </>
              )}
            </span>
            {page !== undefined && (
              <button
                type="button"
                className="quiet small danger"
                disabled={remove.isPending}
                onClick={() => remove.mutate(annotation.id)}
              >
                Delete annotation
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** `22 Nov 2026, 14:05 Europe/Vienna`, or the date alone. */
function momentOf({ at }: PlacedAnnotation, zone: string): string {
  return at.length === 10 ? formatLongDate(at) : `${formatFullInstant(at, zone)} ${zone}`;
}
