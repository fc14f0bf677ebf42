import { type Comparison, hoursBefore } from '#core/alerts/early-screen.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import { evaluateSteadyHours, isUsualAgain, type LocalHour, steadyHours } from '#core/detect/steady-hours/evaluate.ts';
import { profileDays, type SteadyProfile, steadyProfile } from '#core/detect/steady-hours/profile.ts';
import { type DetectionSetting, normalSetting } from '#core/detect/sensitivity.ts';
import { dayLength } from '#core/time.ts';
import { type Attempt, inTurns, ownerOf, type RunCounts, skip } from '#jobs/alert-run.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import type { EarlySignal, PageState, SteadyHours } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import type { HourNumbers } from '#stores/alerts/detection-history.ts';
import type { HourlyDetectionDeps } from './deps.ts';
import { createActiveHours, readHourHistory } from './hour-series.ts';

/** Returns the local hours that the evaluation of a steady page needs; none for other pages. */
export function recentHours(page: Page, state: PageState | undefined, end: number): string[] {
  return profileOf(page, state) ? hoursBefore(page.timeZone, end, steadyHours) : [];
}

function profileOf({ timeZone }: Page, state: PageState | undefined): SteadyProfile | undefined {
  // After a change of zone, the hours of the week are others.
  return state?.steady?.timeZone === timeZone ? (state.steady.profile ?? undefined) : undefined;
}

/** A profile that could not be learned again for this long says nothing about today. An open incident keeps its own. */
const longestUse = 3 * dayLength;

export interface SteadyPage {
  page: Page;
  state: PageState | undefined;
  /** End of the last complete hour. */
  end: number;
  /** The page's last twelve hours, oldest first; undefined if a count is missing. */
  recent: readonly { hour: string; numbers: HourNumbers | undefined }[];
}

/** Evaluates the last three hours of a steady page. Returns undefined for a page without a profile. */
export function evaluateSteadyPage(steadyPage: SteadyPage, setting: DetectionSetting): Evaluation | undefined {
  const { page, state, end } = steadyPage;
  const profile = profileOf(page, state);
  if (profile === undefined || state?.steady === undefined) return undefined;
  if (end - Date.parse(state.steady.learned) > longestUse) return { kind: 'skipped', reason: 'short-history' };
  return evaluateSteadyHours(profile, countedHours(steadyPage, state.steady.unit), setting);
}

function countedHours({ page, recent }: SteadyPage, unit: SteadyHours['unit']): LocalHour[] {
  const { badDays } = alertsOf(page);
  return recent.map(({ hour, numbers }) => ({
    hour,
    views: badDays.includes(hour.slice(0, 10)) ? undefined : numbers?.[unit],
  }));
}

/** Returns whether the last three hours of a page with an open incident of three hours are usual again. */
export function isSteadyAgain(steadyPage: SteadyPage, { actual, expected }: EarlySignal): boolean {
  const { page, state } = steadyPage;
  const profile = profileOf(page, state);
  if (profile === undefined || state?.steady === undefined || expected === undefined) return true;
  const evaluation = evaluateSteadyHours(profile, countedHours(steadyPage, state.steady.unit), normalSetting);
  return isUsualAgain(evaluation, { actual, expected });
}

/** A page with fewer views in two hours is not worth the reads; its counting noise alone exceeds the limit of a steady page. */
const smallestUsual = 150;

/** A steady page is learned again every day, another one is looked at again after a week. */
const learnAgainAfter = { steady: dayLength, other: 7 * dayLength };

/** Profiles learned in one run: 200 pages take about 20 s. The others follow in the next hours. */
const learnedPerRun = 200;

interface LearningRun {
  deps: Pick<HourlyDetectionDeps, 'hours' | 'alerts' | 'now'>;
  time: number;
  deadline: number;
  counts: RunCounts;
  attempt: Attempt;
}

/** Learns the profiles that are missing or due. Pages with an open incident keep theirs until it ends. */
export async function learnProfiles(
  run: LearningRun,
  pages: readonly { page: Page; state: PageState | undefined; end: number; comparison: Comparison }[],
): Promise<void> {
  const { deps, counts } = run;
  const activeHours = createActiveHours(deps, run.time, profileDays.most);
  const due = inTurns(pages.filter(isDue), ({ page }) => ownerOf(page));
  if (due.length > learnedPerRun) skip(counts, 'profile-later', due.length - learnedPerRun);
  for (const { page, end } of due.slice(0, learnedPerRun)) {
    if (deps.now() >= run.deadline) return;
    await run.attempt(page.path, async () => {
      const { series, unit } = await readHourHistory(deps, page, end, activeHours, profileDays.most);
      const learned = new Date(end).toISOString();
      const profile = rounded(steadyProfile(series, series.counts.length));
      await deps.alerts.putSteady(page.path, { learned, timeZone: page.timeZone, unit, profile });
    });
  }
}

function isDue({
  page,
  state,
  end,
  comparison,
}: {
  page: Page;
  state: PageState | undefined;
  end: number;
  comparison: Comparison;
}) {
  const steady = state?.steady;
  if (steady === undefined || steady.timeZone !== page.timeZone) return comparison.usual >= smallestUsual;
  const after = steady.profile === null ? learnAgainAfter.other : learnAgainAfter.steady;
  return end - Date.parse(steady.learned) >= after && (steady.profile !== null || comparison.usual >= smallestUsual);
}

/** Rounds to what the evaluation can use, so that the stored state stays small. */
function rounded(profile: SteadyProfile | undefined): SteadyHours['profile'] {
  if (profile === undefined) return null;
  function round(values: readonly number[], digits: number): number[] {
    return values.map((value) => Number(value.toFixed(digits)));
  }
  return {
    expected: round(profile.expected, 1),
    variance: round(profile.variance, 6),
    rest: round(profile.rest, 6),
    carry: Number(profile.carry.toFixed(3)),
    tail: Number(profile.tail.toFixed(3)),
  };
}
