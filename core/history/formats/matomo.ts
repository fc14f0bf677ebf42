import { z } from 'zod';
import { readCountry } from '../countries.ts';
import type { HistoryFormat } from '../format.ts';
import type { RowSink } from '../history-row.ts';
import { readJsonElements } from '../json-elements.ts';

const text = z.union([z.string(), z.number()]).transform(String).nullish();
const actionSchema = z.looseObject({
  type: z.string(),
  url: z.string().nullish(),
  pageTitle: z.string().nullish(),
  timestamp: z.coerce.number().optional(),
  eventCategory: text,
  eventAction: text,
});
const visitSchema = z.looseObject({
  idVisit: text,
  visitorId: text,
  serverTimestamp: z.coerce.number().optional(),
  referrerUrl: z.string().nullish(),
  referrerType: z.string().nullish(),
  countryCode: z.string().nullish(),
  region: z.string().nullish(),
  city: z.string().nullish(),
  deviceType: z.string().nullish(),
  browserName: z.string().nullish(),
  operatingSystemName: z.string().nullish(),
  actionDetails: z.array(z.unknown()).max(10_000),
});
type Visit = z.infer<typeof visitSchema>;
type Action = z.infer<typeof actionSchema>;

/** The log of visits: `Live.getLastVisitsDetails` as JSON, matomo `plugins/Live/API.php`. Each action is a row. */
export const matomo: HistoryFormat = {
  name: 'matomo',
  tool: 'matomo',
  title: 'Matomo: the log of visits as JSON (Live.getLastVisitsDetails)',
  grain: 'raw',
  detects: ({ text: head }) =>
    /^\uFEFF?\s*[[{]/.test(head) && head.includes('"actionDetails"') && head.includes('"idVisit"'),
  open: (_options, sink) => readJsonElements((element, line) => readVisit(element, line, sink)),
};

function readVisit(element: unknown, line: number, sink: RowSink): void {
  const parsed = visitSchema.safeParse(element);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const column = issue?.path.join('.') ?? null;
    sink.refuse({ line, column, value: null, reason: `is no visit: ${issue?.message ?? 'not an object'}` });
    return;
  }
  for (const [at, action] of parsed.data.actionDetails.entries()) readAction(parsed.data, action, { line, at, sink });
}

function readAction(
  visit: Visit,
  value: unknown,
  { line, at, sink }: { line: number; at: number; sink: RowSink },
): void {
  const parsed = actionSchema.safeParse(value);
  const column = `actionDetails.${at}`;
  if (!parsed.success) return sink.refuse({ line, column, value: null, reason: 'is no action' });
  const action = parsed.data;
  const kind = readKind(action);
  if (kind === undefined) return sink.ignore(`actions of the type \`${action.type.slice(0, 40)}\``);
  const seconds = action.timestamp ?? visit.serverTimestamp;
  if (seconds === undefined || !Number.isFinite(seconds) || seconds <= 0 || seconds > 1e11)
    return sink.refuse({
      line,
      column: `${column}.timestamp`,
      value: String(seconds ?? ''),
      reason: 'must be seconds since 1970',
    });
  const isFirst = at === 0;
  sink.row({
    grain: 'raw',
    line,
    ...kind,
    at: Math.round(seconds * 1000),
    title: action.pageTitle ?? null,
    // Two installations may give two visits one number.
    ...(typeof visit.idVisit === 'string' && { nativeId: `${visit.idVisit}.${at} ${seconds}` }),
    // Only the first action of a visit came from elsewhere.
    ...(isFirst && { referrer: visit.referrerType === 'direct' ? null : (visit.referrerUrl ?? null) }),
    country: readCountry(visit.countryCode ?? '', sink),
    region: visit.region ?? null,
    city: visit.city ?? null,
    device: visit.deviceType ?? null,
    browser: visit.browserName ?? null,
    os: visit.operatingSystemName ?? null,
    ...(typeof visit.visitorId === 'string' && { visitor: visit.visitorId }),
    // Matomo logs no robots.
    bot: false,
  });
  return undefined;
}

function readKind({ type, url, eventCategory, eventAction }: Action) {
  const address = typeof url === 'string' ? { url } : {};
  switch (type) {
    case 'action':
      return { kind: 'view' as const, ...address };
    case 'outlink':
      return { kind: 'click' as const, ...address };
    case 'download':
      return { kind: 'event' as const, name: 'Download', ...address };
    case 'event':
      return {
        kind: 'event' as const,
        name: [eventCategory, eventAction].filter(Boolean).join(': ') || 'Event',
        ...address,
      };
    default:
      return undefined;
  }
}
