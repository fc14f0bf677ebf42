import type { Page } from 'playwright-core';

/** Times of a load of the overview, in milliseconds since the navigation. */
export interface Load {
  firstPaint: number;
  numbers: number;
  interactive: number;
  /** Tasks of more than 50 ms. */
  longTasks: number;
  /** URLs of the scripts. */
  scripts: string[];
}

declare global {
  interface Window {
    /** When the totals were painted and when each long task ended, in milliseconds since the navigation. */
    observedLoad?: { numbers: number | undefined; taskEnds: number[] };
  }
}

/** Runs before the page's scripts: stores the session, and records when the totals are painted and long tasks end. */
export function observeLoad(session: Record<string, string>): void {
  if (location.protocol === 'about:') return;
  for (const [name, value] of Object.entries(session)) sessionStorage.setItem(name, value);
  const observed: NonNullable<Window['observedLoad']> = { numbers: undefined, taskEnds: [] };
  window.observedLoad = observed;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) observed.taskEnds.push(startTime + duration);
  }).observe({ type: 'longtask', buffered: true });
  const changes = new MutationObserver(() => {
    if (document.querySelector('[aria-label="Totals"] .figure-value') === null) return;
    changes.disconnect();
    // The task after the next frame: the browser has painted the document.
    requestAnimationFrame(() => setTimeout(() => (observed.numbers = performance.now())));
  });
  changes.observe(document, { childList: true, subtree: true });
}

/** Waits for a second without a long task after the totals have been painted. */
export async function readLoad(page: Page): Promise<Load> {
  await page.waitForFunction(() => {
    const { numbers, taskEnds } = window.observedLoad ?? { numbers: undefined, taskEnds: [] };
    return numbers !== undefined && performance.now() - Math.max(numbers, ...taskEnds) > 1000;
  });
  return page.evaluate(() => {
    const { numbers = Number.NaN, taskEnds } = window.observedLoad ?? { taskEnds: [] };
    const resources = performance.getEntriesByType('resource').map(({ name }) => name);
    return {
      firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      numbers,
      interactive: Math.max(numbers, ...taskEnds),
      longTasks: taskEnds.length,
      scripts: [...new Set(resources.filter((name) => name.endsWith('.js')))],
    };
  });
}

/** The session that the tab stores. */
export function readSession(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() =>
    Object.fromEntries(Object.entries(sessionStorage).map(([name, value]) => [name, String(value)])),
  );
}
