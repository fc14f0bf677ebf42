import { normalizeTag } from '#schemas/catalog-rules.ts';
import type { Link } from '#schemas/catalog.ts';
import type { Measure, MetricFilter, MetricVersion } from '#schemas/insights/metrics.ts';

/** Links that a filter by tag takes: a query holds the id of each, and has at most 256 KB. */
export const mostTaggedLinks = 2_000;

export function hasTagFilter({ measures }: Pick<MetricVersion, 'measures'>): boolean {
  return Object.values(measures).some(({ filters }) => filters.some(({ field }) => field === 'tag'));
}

/**
 * Returns measures whose filters by tag are filters by the links that have it: events have no tags. An empty value stands for the
 * events without a link, and for links without tags. Of more than {@link mostTaggedLinks}, the first by id are taken.
 * @param links all links of the page
 */
export function resolveTags<Metric extends Pick<MetricVersion, 'measures'>>(
  metric: Metric,
  links: readonly Pick<Link, 'id' | 'tags'>[],
): Metric {
  const measures = Object.entries(metric.measures).map(([name, measure]): [string, Measure] => [
    name,
    {
      ...measure,
      filters: measure.filters.map((filter) => (filter.field === 'tag' ? toLinks(filter, links) : filter)),
    },
  ]);
  return { ...metric, measures: Object.fromEntries(measures) };
}

function toLinks({ operator, values }: MetricFilter, links: readonly Pick<Link, 'id' | 'tags'>[]): MetricFilter {
  const wanted = values.map(normalizeTag);
  const ids = links
    .filter(({ tags }) =>
      tags.length === 0 ? wanted.includes('') : tags.some((tag) => matches(tag, operator, wanted)),
    )
    .map(({ id }) => id)
    .toSorted()
    .slice(0, mostTaggedLinks);
  return {
    field: 'link',
    operator: operator === 'is-not' ? 'is-not' : 'is',
    values: wanted.includes('') ? ['', ...ids] : ids,
  };
}

function matches(tag: string, operator: MetricFilter['operator'], wanted: readonly string[]): boolean {
  return operator === 'starts-with' ? wanted.some((start) => tag.startsWith(start)) : wanted.includes(tag);
}
