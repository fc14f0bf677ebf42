import type { UseQueryResult } from '@tanstack/react-query';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import { Bars } from '../../components/bars.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { linkPath } from '../../router/routes.ts';
import { PartError } from './part-error.tsx';
import { StalePartNote } from './stale-part.tsx';

interface TopLinksProps {
  query: UseQueryResult<DashboardResponse>;
  /** Time zone for the times shown. */
  zone: string;
  readOnly: boolean;
}

/** The links of a page, by clicks. */
export function TopLinks({ query, zone, readOnly }: TopLinksProps) {
  return (
    <Panel
      title="Links"
      hint={<p>The most clicked links of this period, with their share of all clicks of the page.</p>}
    >
      <StalePartNote response={query.data} part="links" zone={zone} />
      <Loaded query={query}>
        {({ links, current, errors, sources }) => {
          if (links === null) return <PartError errors={errors} part="links" />;
          const bars = links.map(({ code, title, clicks }) => ({
            key: code,
            label: readOnly ? (title ?? `/${code}`) : <Link to={linkPath(code)}>{title ?? `/${code}`}</Link>,
            value: clicks,
          }));
          return (
            <>
              <Bars bars={bars} total={current?.totals.clicks ?? 0} unit="clicks" empty="No clicks in this period." />
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
