import type { Episode, PageForecast, PageState } from '#schemas/alerts.ts';
import type { Alerts } from '#stores/alerts.ts';
import type { PageAlert } from './reports/read-agency.ts';

/** What the alert and forecast jobs have stored. */
export interface Outlook {
  /** Alerts of a page, newest first, after one of them. */
  episodes: (page: string, after: string | undefined, limit: number) => Promise<Episode[]>;
  forecast: (page: string) => Promise<PageForecast | undefined>;
  /** Alerts that are open, by page. */
  openAlerts: (pages: readonly string[]) => Promise<ReadonlyMap<string, PageAlert[]>>;
}

const openAlert = (metric: 'traffic' | 'click-through', state: PageState['traffic']): PageAlert[] =>
  state?.kind === 'open'
    ? [
        {
          kind: metric,
          at: state.since,
          summary: `${metric === 'traffic' ? 'Traffic' : 'Click-through'}: ${state.direction} since ${state.since}`,
        },
      ]
    : [];

export const createOutlook = (alerts: Pick<Alerts, 'episodes' | 'forecast' | 'states'>): Outlook => ({
  episodes: async (page, after, limit) => {
    const all = await alerts.episodes(page);
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    return all.slice(start, start + limit);
  },
  forecast: (page) => alerts.forecast(page),
  openAlerts: async (pages) => {
    const states = await alerts.states(pages);
    return new Map(
      [...states].map(([page, state]) => [
        page,
        [...openAlert('traffic', state.traffic), ...openAlert('click-through', state['click-through'])],
      ]),
    );
  },
});
