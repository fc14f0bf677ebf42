import type { Evaluation } from '../evaluation.ts';
import type { HourlySeries } from '../hourly-series.ts';
import type { DetectionSetting } from '../sensitivity.ts';
import { isUsualAgain, sameIncidentHours, usualHoursToRecover } from './evaluate.ts';
import { windowHours } from './profile.ts';
import { learnProfiles, walkSteadyHours } from './walk.ts';

/** A change within a day that hourly detection would have reported. */
export interface SteadyIncident {
  /** Local hours: the first of the three with which it began, and the last before it was usual again. */
  from: string;
  to: string;
  direction: 'drop' | 'surge';
  /** Counts of the first three hours. */
  expected: number;
  actual: number;
}

export interface SteadyBacktest {
  /** Days for which the page had a profile. */
  days: number;
  incidents: SteadyIncident[];
}

/**
 * Lists the changes of a steady page that each setting would have reported within the last days of a history, each hour
 * evaluated from the hours before it. Profiles are learned once a day, as the job does, and take about 10 ms each.
 */
export function backtestSteadyHours(
  series: HourlySeries,
  settings: readonly DetectionSetting[],
  days: number,
): SteadyBacktest[] {
  const from = Math.max(0, series.counts.length - 24 * days);
  const profiles = learnProfiles(series, from);
  const known = profiles.filter((profile) => profile !== undefined).length;
  return settings.map((setting) => ({
    days: Math.min(days, known),
    incidents: known === 0 ? [] : incidentsIn(series, walkSteadyHours(series, setting, profiles), from),
  }));
}

interface Followed {
  incident: SteadyIncident;
  /** Index of its first alert. */
  start: number;
  usualHours: number;
}

/** An incident ends after two usual hours; a change in its direction within a day of its beginning belongs to it. */
function incidentsIn({ counts }: HourlySeries, evaluations: readonly Evaluation[], from: number): SteadyIncident[] {
  const incidents: SteadyIncident[] = [];
  let followed: Followed | undefined;
  for (const [offset, evaluation] of evaluations.slice(from).entries()) {
    const index = from + offset;
    const hour = counts[index]?.hour ?? '';
    if (followed !== undefined && followed.usualHours < usualHoursToRecover) {
      followed.usualHours = isUsualAgain(evaluation, followed.incident) ? followed.usualHours + 1 : 0;
      if (followed.usualHours === 0) followed.incident.to = hour;
    } else if (evaluation.kind === 'alert' && evaluation.direction !== 'silent') {
      const { direction, expected, actual } = evaluation;
      if (followed?.incident.direction === direction && index - followed.start <= sameIncidentHours) {
        followed.usualHours = 0;
        followed.incident.to = hour;
        continue;
      }
      const incident = { from: counts[index - windowHours + 1]?.hour ?? hour, to: hour, direction, expected, actual };
      followed = { incident, start: index, usualHours: 0 };
      incidents.push(incident);
    }
  }
  return incidents;
}
