import type { LinkView } from '#schemas/api/links.ts';
import { useStats } from '../../api/queries.ts';
import { Bars } from '../../components/bars.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { readRange } from '../../range/range.ts';
import { useNow } from '../../range/use-now.ts';
import { useLocation } from '../../router/location.ts';
import { withoutScheme } from './short-url.ts';

/** Clicks of a split test by destination, in the period of the overview. */
export function Variants({ link, zone }: { link: LinkView; zone: string }) {
  const { query } = useLocation();
  const stats = useStats({ kind: 'links', name: link.code }, readRange(query, zone, useNow()));
  const destinations = [link.url, ...link.variants.map(({ url }) => url)];
  const weights = [100 - link.variants.reduce((sum, { weight }) => sum + weight, 0)];
  weights.push(...link.variants.map(({ weight }) => weight));
  return (
    <Panel
      title="Split test"
      hint={
        <p>
          Counted live. Letters follow the order of the destinations: after you reorder or replace them, older clicks
          keep their letter.
        </p>
      }
    >
      <Loaded query={stats} rows={destinations.length}>
        {({ breakdowns }) => {
          const clicks = new Map(breakdowns.variant.map((row) => [row.value, row.clicks]));
          const bars = destinations.map((url, at) => {
            const letter = 'ABCDE'.charAt(at);
            const name = `${letter} · ${weights[at]}% · ${withoutScheme(url)}`;
            return { key: letter, label: name, title: name, value: clicks.get(letter) ?? 0 };
          });
          const total = bars.reduce((sum, { value }) => sum + value, 0);
          return <Bars bars={total === 0 ? [] : bars} total={total} unit="Clicks" empty="No clicks in this period." />;
        }}
      </Loaded>
    </Panel>
  );
}
