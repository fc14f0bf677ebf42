import { capital, type EpisodeState, lineOf } from '#core/mails/incident-words.ts';
import type { Episode, PageForecast, PageState } from '#schemas/alerts.ts';
import type { Alerts, EpisodePlace } from '#stores/alerts.ts';
import type { PageAlert } from '../reports/read-agency.ts';

export interface FollowedEpisode {
  episode: Episode;
  state: EpisodeState;
}

/** What the alert and forecast jobs have stored. */
export interface Outlook {
  /** Alerts of a page, newest first, after one of them. */
  episodes: (page: string, after: string | undefined, limit: number) => Promise<FollowedEpisode[]>;
  forecast: (page: string) => Promise<PageForecast | undefined>;
  /** What the answers to the page's mails have taught; 1 is neutral. */
  threshold: (page: string) => Promise<number>;
  /** Alerts that are open, by page. */
  openAlerts: (pages: readonly string[]) => Promise<ReadonlyMap<string, PageAlert[]>>;
}

export function createOutlook(alerts: Pick<Alerts, 'episodes' | 'episodesAt' | 'forecast' | 'states'>): Outlook {
  return {
    episodes: async (page, after, limit) => {
      const [all, states] = await Promise.all([alerts.episodes(page), alerts.states([page])]);
      const state = states.get(page);
      const open = state === undefined ? [] : openPlaces(state);
      const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      return all.slice(start, start + limit).map((episode) => ({ episode, state: stateOf(episode, open) }));
    },
    forecast: (page) => alerts.forecast(page),
    threshold: async (page) => (await alerts.states([page])).get(page)?.threshold ?? 1,
    openAlerts: (pages) => openAlertsOf(alerts, pages),
  };
}

const dailyMetrics = ['traffic', 'click-through'] as const;

/** Episodes of the page that a job still follows. */
function openPlaces(state: PageState): EpisodePlace[] {
  const { page, early } = state;
  const daily = dailyMetrics.flatMap((metric) => {
    const followed = state[metric];
    return followed?.kind === 'open' ? [{ page, since: followed.since, metric }] : [];
  });
  return early?.open === true ? [...daily, { page, since: early.since, metric: 'early' as const }] : daily;
}

function stateOf({ recovered, since, metric }: Episode, open: readonly EpisodePlace[]): EpisodeState {
  if (recovered !== null) return 'recovered';
  return open.some((place) => place.since === since && place.metric === metric) ? 'open' : 'closed';
}

async function openAlertsOf(
  { states, episodesAt }: Pick<Alerts, 'states' | 'episodesAt'>,
  pages: readonly string[],
): Promise<Map<string, PageAlert[]>> {
  const places = [...(await states(pages)).values()].flatMap(openPlaces);
  const episodes = Map.groupBy(await episodesAt(places), ({ page }) => page);
  return new Map(
    [...episodes].map(([page, open]) => [page, open.toSorted((a, b) => b.openedAt - a.openedAt).map(alertOf)]),
  );
}

function alertOf(episode: Episode): PageAlert {
  return {
    kind: episode.metric,
    at: episode.since,
    summary: capital(lineOf(episode, 'open')),
  };
}
