import { dailyMetrics } from '#core/alerts/evaluate-page.ts';
import { capitalize, type IncidentState, buildLine } from '#core/mails/incident-words.ts';
import type { Incident, PageForecast, PageState } from '#schemas/alerts.ts';
import type { Alerts, IncidentKey } from '#stores/alerts/alerts.ts';
import type { PageAlert } from '../reports/read-agency.ts';

export interface FollowedIncident {
  incident: Incident;
  state: IncidentState;
}

/** Reads what the alert and forecast jobs have stored. */
export interface Detection {
  /** Returns incidents of a page, newest first, after one of them. */
  incidents: (page: string, after: string | undefined, limit: number) => Promise<FollowedIncident[]>;
  forecast: (page: string) => Promise<PageForecast | undefined>;
  /** Returns the page's threshold, learned from the feedback on its mails; 1 is neutral. */
  threshold: (page: string) => Promise<number>;
  /** Returns undefined for an unknown incident. */
  incident: (page: string, id: string) => Promise<FollowedIncident | undefined>;
  /** Returns what people said about incidents, by their id. */
  marks: Alerts['marks'];
  acknowledge: Alerts['acknowledge'];
  answer: Alerts['answer'];
  /** Returns open alerts by page. */
  openAlerts: (pages: readonly string[]) => Promise<ReadonlyMap<string, PageAlert[]>>;
}

type DetectionStore = Pick<
  Alerts,
  'incidents' | 'incident' | 'incidentsAt' | 'forecast' | 'states' | 'marks' | 'acknowledge' | 'answer'
>;

export function createDetection(alerts: DetectionStore): Detection {
  return {
    incidents: async (page, after, limit) => {
      const [all, states] = await Promise.all([alerts.incidents(page), alerts.states([page])]);
      const state = states.get(page);
      const open = state === undefined ? [] : listOpen(state);
      const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      return all.slice(start, start + limit).map((incident) => ({ incident, state: resolveState(incident, open) }));
    },
    incident: async (page, id) => {
      const [since = '', metric = ''] = id.split('#');
      const [incident, states] = await Promise.all([alerts.incident(page, since, metric), alerts.states([page])]);
      const state = states.get(page);
      return incident && { incident, state: resolveState(incident, state === undefined ? [] : listOpen(state)) };
    },
    marks: alerts.marks,
    acknowledge: alerts.acknowledge,
    answer: alerts.answer,
    forecast: (page) => alerts.forecast(page),
    threshold: async (page) => (await alerts.states([page])).get(page)?.threshold ?? 1,
    openAlerts: (pages) => readOpenAlerts(alerts, pages),
  };
}

/** Returns the incidents of a page that a job still follows. */
function listOpen(state: PageState): IncidentKey[] {
  const { page, early } = state;
  const daily = dailyMetrics.flatMap((metric) => {
    const followed = state[metric];
    return followed?.kind === 'open' ? [{ page, since: followed.since, metric }] : [];
  });
  return early?.open === true ? [...daily, { page, since: early.since, metric: 'early' as const }] : daily;
}

function resolveState({ recovered, since, metric }: Incident, open: readonly IncidentKey[]): IncidentState {
  if (recovered !== null) return 'recovered';
  return open.some((place) => place.since === since && place.metric === metric) ? 'open' : 'closed';
}

async function readOpenAlerts(
  { states, incidentsAt }: Pick<Alerts, 'states' | 'incidentsAt'>,
  pages: readonly string[],
): Promise<Map<string, PageAlert[]>> {
  const places = [...(await states(pages)).values()].flatMap(listOpen);
  const incidents = Map.groupBy(await incidentsAt(places), ({ page }) => page);
  return new Map(
    [...incidents].map(([page, open]) => [page, open.toSorted((a, b) => b.openedAt - a.openedAt).map(toAlert)]),
  );
}

function toAlert(incident: Incident): PageAlert {
  return {
    kind: incident.metric,
    at: incident.since,
    summary: capitalize(buildLine(incident, 'open')),
  };
}
