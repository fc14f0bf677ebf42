import type { FunctionState } from '../functions/pool.ts';
import type { MetricSeries } from '../logs/metrics.ts';
import { type ServiceMode, serviceModes, type FaultService, faultServices } from '../fault-injection/service-faults.ts';
import { escapeHtml, layout, relative } from './layout.ts';
import type { FunctionStatus, Snapshot } from './snapshot.ts';

/** Renders the status page, which reloads every five seconds. */
export function renderStatus(snapshot: Snapshot): string {
  const none = '<p class="soft">No metrics yet. They appear after a function has run.</p>';
  const functions = table(
    ['Function', 'Calls', 'Errors', 'Running', 'Duration'],
    snapshot.functions.map((each) => functionRow(each, snapshot.at)),
  );
  const metrics = snapshot.metrics.length > 0 ? table(['Metric', '', 'Latest'], metricRows(snapshot)) : none;
  const errors =
    snapshot.errors.length > 0 ? section('errors', 'Error log', table(['Error', 'When'], errorRows(snapshot))) : '';
  const left = section('functions', 'Functions', functions) + errors;
  const right = [
    section('queues', 'Queues', table(['Queue', 'Waiting', 'In flight'], queueRows(snapshot))),
    section('schedules', 'Schedules', table(['Schedule', 'Last run', 'Next run', ''], scheduleRows(snapshot))),
    section('outages', 'Fault injection', renderServiceFaults(snapshot)),
    section('metrics', 'Metrics', metrics),
  ].join('');
  const body = `${section('overview', 'Overview', overview(snapshot), true)}<div>${left}</div><div>${right}</div>`;
  return layout({ title: 'Status', refreshSeconds: 5, body });
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`;
}

function functionRow({ model, state }: FunctionStatus, now: number): string[] {
  return [
    `${escapeHtml(sourceName(model))}<small>${escapeHtml(model.description)}</small>${errorDetails(state, now)}`,
    String(state.invocations),
    counted(state.errors, 'bad'),
    state.running + state.waiting > 0 ? `${state.running} + ${state.waiting}` : '<span class="soft">0</span>',
    state.lastDurationMs === undefined ? '<span class="soft">–</span>' : `${state.lastDurationMs} ms`,
  ];
}

/** Returns `redirect` for a function whose description is `functions/redirect/handler.ts`. */
function sourceName({ description, name }: FunctionStatus['model']): string {
  return /^functions\/([^/]+)\//.exec(description)?.[1] ?? shortName(name);
}

/** Returns `ClicksQueue` for `Hopcount-ClicksQueueEC57A6EC`. */
function shortName(name: string): string {
  return name.replace(/^[^-]+-/, '').replace(/[0-9A-F]{8}$/, '');
}

function errorDetails({ lastErrors }: FunctionState, now: number): string {
  return lastErrors.length === 0
    ? ''
    : `<details><summary class="bad">Recent errors</summary>${lastErrors
        .slice(0, 5)
        .map(
          ({ at, error }) =>
            `<pre>${relative(at, now)} ${escapeHtml(`${error.errorType}: ${error.errorMessage}`)}\n${escapeHtml(error.trace.slice(1, 5).join('\n'))}</pre>`,
        )
        .join('')}</details>`;
}

function counted(count: number, tone: 'bad' | 'warn'): string {
  return count > 0 ? `<span class="${tone}">${count}</span>` : `<span class="soft">${count}</span>`;
}

function metricRows({ metrics }: Snapshot): string[][] {
  return metrics.map(({ name, unit, dimensions, points }) => [
    `${escapeHtml(name)}<small>${escapeHtml(Object.values(dimensions).join(', '))}</small>`,
    points.length > 1 ? sparkline(points) : '',
    `${points.at(-1)?.value ?? ''} <span class="soft">${unit === 'None' || unit === 'Count' ? '' : escapeHtml(unit)}</span>`,
  ]);
}

const sparkWidth = 120;

const sparkHeight = 22;

/** Draws the series as a line, newest on the right. */
function sparkline(points: MetricSeries['points']): string {
  const values = points.map(({ value }) => value);
  const highest = Math.max(...values, 1e-9);
  const step = sparkWidth / Math.max(1, values.length - 1);
  const line = values
    .map(
      (value, index) =>
        `${(index * step).toFixed(1)},${(sparkHeight - 2 - (value / highest) * (sparkHeight - 4)).toFixed(1)}`,
    )
    .join(' ');
  return `<svg width="${sparkWidth}" height="${sparkHeight}" viewBox="0 0 ${sparkWidth} ${sparkHeight}" preserveAspectRatio="none" aria-hidden="true"><polyline points="${line}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>`;
}

function section(id: string, title: string, content: string, wide = false): string {
  return `<section id="${id}"${wide ? ' class="wide"' : ''}><h2>${title}</h2>${content}</section>`;
}

function errorRows({ errors, at }: Snapshot): string[][] {
  return errors.slice(0, 20).map((error) => [escapeHtml(error.message), relative(error.at, at)]);
}

function queueRows({ queues }: Snapshot): string[][] {
  return queues.map(({ name, ready, inFlight, deadLetters }) => [
    escapeHtml(shortName(name)),
    deadLetters ? counted(ready, 'bad') : String(ready),
    String(inFlight),
  ]);
}

function scheduleRows({ schedules, functions, at }: Snapshot): string[][] {
  return schedules.map(({ schedule, next, last }) => {
    const target = functions.find(({ model }) => model.name === schedule.functionName);
    return [
      `${escapeHtml(target ? sourceName(target.model) : shortName(schedule.name))}<small>${escapeHtml(schedule.expression)}</small>`,
      last === undefined ? '<span class="soft">–</span>' : relative(last, at),
      next === undefined ? '<span class="soft">–</span>' : relative(next, at),
      `<form method="post" action="/_local/schedules/${encodeURIComponent(schedule.name)}/run"><button>Run now</button></form>`,
    ];
  });
}

/** Renders one form per service; the page has no scripts. */
function renderServiceFaults(snapshot: Snapshot): string {
  return `${table(['Service', 'Mode'], serviceRows(snapshot))}<p class="soft">Applies to new requests from functions.
Failing: AWS internal error. Throttled: AWS throttling error. Hanging: no response.</p>`;
}

const serviceNames: Readonly<Record<FaultService, { name: string; what: string }>> = {
  catalog: { name: 'Catalog', what: 'links, pages, users' },
  rollups: { name: 'Counters', what: 'the rollups table' },
  cache: { name: 'Cache', what: 'cached responses, salts, rate limits' },
  clicks: { name: 'Click queue', what: 'events on their way to enrich' },
  files: { name: 'Files queue', what: 'raw files on their way to rollup' },
  bucket: { name: 'Bucket', what: 'raw files, settled files, exports' },
  athena: { name: 'Athena', what: 'settled events' },
  mail: { name: 'Mail', what: 'alerts, summaries, invitations' },
  'sign-in': { name: 'Sign-in', what: 'the issuer and the user pool' },
};

function serviceRows({ serviceFaults }: Snapshot): string[][] {
  return faultServices.map((service) => {
    const { name, what } = serviceNames[service];
    const buttons = serviceModes.map((mode) => modeButton(service, mode, serviceFaults[service])).join('');
    return [`${name}<small>${what}</small>`, `<form method="post" action="/_local/outages">${buttons}</form>`];
  });
}

function modeButton(service: FaultService, mode: ServiceMode, present: ServiceMode): string {
  return `<button name="${service}" value="${mode}" aria-pressed="${mode === present}">${mode}</button>`;
}

function overview(snapshot: Snapshot): string {
  const replay = snapshot.allowReplay
    ? 'Replay headers are accepted.'
    : 'Replay headers are ignored; start with <code>--allow-replay</code> to accept them.';
  return `<p>Started ${relative(snapshot.startedAt, snapshot.at)} at <a href="${escapeHtml(snapshot.url)}/@demo">${escapeHtml(snapshot.url)}</a>.
Data folder: <code>${escapeHtml(snapshot.dataDirectory)}</code>. ${replay}
<a href="/_local/outbox">${snapshot.mails} ${snapshot.mails === 1 ? 'email' : 'emails'} in the outbox</a>.</p>`;
}
