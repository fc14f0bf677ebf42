import type { Annotation } from '#schemas/api/saved.ts';
import { dateIn } from '../../../format/times.ts';

export interface PlacedAnnotation extends Annotation {
  /** Of the point of the series that it belongs to. */
  index: number;
}

/** Returns the annotations within a series, each with the position of its point. @param zone of the page's dates */
export function placeAnnotations(
  annotations: readonly Annotation[],
  points: readonly { start: string }[],
  zone: string,
): PlacedAnnotation[] {
  return annotations.flatMap((annotation) => {
    const index = placeOf(annotation, points, zone);
    return index < 0 ? [] : [{ ...annotation, index }];
  });
}

const hour = 3_600_000;

function placeOf({ at }: Annotation, points: readonly { start: string }[], zone: string): number {
  const isWholeDate = at.length === 10;
  const isHourly = (points[0]?.start.length ?? 0) > 10;
  if (!isHourly) {
    const date = isWholeDate ? at : dateIn(zone, Date.parse(at));
    return points.findIndex(({ start }) => start === date);
  }
  // A whole date stands at its first hour.
  if (isWholeDate) return points.findIndex(({ start }) => dateIn(zone, Date.parse(start)) === at);
  const moment = Date.parse(at);
  return points.findIndex(({ start }) => Date.parse(start) <= moment && moment < Date.parse(start) + hour);
}

export function annotationsAt(annotations: readonly PlacedAnnotation[], index: number): PlacedAnnotation[] {
  return annotations.filter((annotation) => annotation.index === index);
}
