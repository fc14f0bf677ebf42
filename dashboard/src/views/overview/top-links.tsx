import { type DashboardResponse, maxTopLinks } from '#schemas/api/dashboard.ts';
import { useParts } from '../../api/queries.ts';
import { Loaded, Panel } from '../../components/panel.tsx';
import { useExpansion } from '../../expand/expansion.tsx';
import { useNow } from '../../range/use-now.ts';
import { Link } from '../../router/link.tsx';
import { linkPath } from '../../router/routes.ts';
import { type Filters, useFilters } from './filters/use-filters.ts';
import { fileNameOf, type OverviewData } from './overview-data.ts';
import { PartError } from './part-error.tsx';
import { Ranked, type RankedRow } from './ranked.tsx';
import { StalePartNote } from './stale-part.tsx';
import { describeUnsettled } from './unsettled.ts';

/** The links of a page, by clicks. */
export function TopLinks({ readOnly, ...data }: OverviewData & { readOnly: boolean }) {
  const { subject, range, parts, partsBefore, zone } = data;
  const expansion = useExpansion();
  const filters = useFilters(range.filters);
  // The panel shows the first of fifteen; reading more costs a query each while a day is not settled.
  const all = useParts(subject, range, ['links'], { enabled: expansion.open, topLinks: maxTopLinks });
  const words = describeUnsettled(parts.data?.unsettled, zone, useNow());
  return (
    <Panel title="Links" className="links-panel" onExpand={expansion.show}>
      <StalePartNote response={parts.data} part="links" zone={zone} />
      <Loaded query={parts}>
        {({ links, current, errors, sources }) => {
          if (links === null) return <PartError errors={errors} part="links" />;
          const shown = expansion.open && !all.isPlaceholderData ? (all.data?.links ?? links) : links;
          return (
            <>
              <Ranked
                title="Links"
                file={fileNameOf(data, 'links')}
                rows={shown.map((link) => toRanked(link, filters, readOnly))}
                before={partsBefore?.links?.map((link) => toRanked(link, filters, readOnly))}
                measure="clicks"
                total={current?.totals.clicks ?? 0}
                empty={(range.filters.length > 0 && words?.empty) || 'No clicks in this period.'}
                expansion={expansion}
              />
              {sources.links?.approximate && (
                <p className="soft">
                  Approximate: this page has so many links with similar clicks that one may be missing. Each number is
                  right.
                </p>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

type TopLink = NonNullable<DashboardResponse['links']>[number];

function toRanked({ code, title, clicks }: TopLink, { pick }: Filters, readOnly: boolean): RankedRow {
  const text = title ?? `/${code}`;
  return {
    key: code,
    text,
    label: readOnly ? text : <Link to={linkPath(code)}>{text}</Link>,
    clicks,
    pick: pick('link', code),
  };
}
