import {
  describeBroken,
  summarizeBroken,
  capitalize,
  listFacts,
  buildLine,
  buildSentence,
  describeState,
} from '#core/mails/incident-words.ts';
import { decodeUlidTime } from '#core/ulid.ts';
import { defaultAlerts, type Incident, type PageAlerts, type PageForecast } from '#schemas/alerts.ts';
import type { CampaignView } from '#schemas/api/insights/campaigns.ts';
import type { ChannelView } from '#schemas/api/channels.ts';
import { type Addresses, listUsableDomains, toOrigin, toShortUrl } from '#schemas/settings/link-domains.ts';
import type { Anomaly, ForecastView } from '#schemas/api/detection.ts';
import type { Erasure } from '#schemas/api/erasures.ts';
import type { Export } from '#schemas/api/exports.ts';
import type { Rule } from '#schemas/api/ledger.ts';
import type { LinkView } from '#schemas/api/links.ts';
import type { ListedPage, PageSettings, PageView } from '#schemas/api/pages.ts';
import type { Funnel, FunnelStep } from '#schemas/api/insights/funnels.ts';
import type { Annotation, Segment } from '#schemas/api/saved.ts';
import type { Share, SharedPage } from '#schemas/api/shares.ts';
import type { Key, UserView } from '#schemas/api/users.ts';
import type { AgencyBrand, Link, Page, PageDesign, User } from '#schemas/catalog.ts';
import type { Channel } from '#schemas/channels.ts';
import type { CampaignRecord } from '#stores/catalog/campaigns.ts';
import type { ApiKeyRecord } from '#stores/catalog/api-keys.ts';
import { invitationEnd, type InvitationRecord } from '#stores/catalog/invitations.ts';
import type { ErasureJob, ExportJob } from '#stores/catalog/lake-jobs.ts';
import type { IncidentMark } from '#stores/alerts/alerts.ts';
import type { ShareRecord } from '#stores/catalog/shares.ts';
import type { RuleRecord } from '#stores/settle/settle-state.ts';
import type { FollowedIncident } from './detection/detection.ts';
import type { ErasureReceipt } from '#schemas/lake-jobs.ts';
import type { ExportOutcome, JobResult } from './jobs/job-runner.ts';

/**
 * What the API shows of each stored record. Every function lists the fields, nested ones too, so that a new stored field
 * is private until it is listed here and in its schema under `schemas/api`.
 */

export function toLinkView(link: Link, addresses: Addresses): LinkView {
  return {
    id: link.id,
    code: link.code,
    aliases: link.aliases,
    page: link.page,
    domain: link.domain,
    shortUrl: toShortUrl(addresses, link),
    url: link.url,
    title: link.title,
    campaign: link.campaign,
    status: link.status,
    enabled: link.enabled,
    startsAt: link.startsAt,
    expiresAt: link.expiresAt,
    expiredUrl: link.expiredUrl,
    clickLimit: link.clickLimit,
    protected: link.passwordHash !== null,
    deviceUrls: link.deviceUrls,
    countryUrls: link.countryUrls,
    passQuery: link.passQuery,
    utm: link.utm,
    variants: link.variants.map(({ url, weight }) => ({ url, weight })),
    card: link.card && { title: link.card.title, description: link.card.description, image: link.card.image },
    tags: link.tags,
    archived: link.archived,
    position: link.position,
    listed: link.listed,
    section: link.section,
    icon: link.icon,
    createdAt: link.createdAt,
    updatedAt: link.updatedAt,
  };
}

export function toChannelView(channel: Channel): ChannelView {
  const { id, service, name, host, ending, createdAt, last } = channel;
  const shown = last && { at: last.at, delivered: last.delivered, detail: last.detail };
  return { id, service, name, host, ending, createdAt, last: shown };
}

export function toPageView(page: Page, addresses: Addresses): PageView {
  return {
    ...toListedPageView(page, addresses),
    ...(page.design && { design: toDesignView(page.design) }),
    ...(page.texts && { texts: { closed: page.texts.closed, unknown: page.texts.unknown } }),
    domains: listUsableDomains(page, addresses.domains),
  };
}

function toDesignView({ picture, accent, theme, sections }: PageDesign): PageDesign {
  return { picture, accent, theme, sections };
}

/** A page in a list, without its picture. */
export function toListedPageView(page: Page, addresses: Addresses): ListedPage {
  return {
    path: page.path,
    title: page.title,
    description: page.description,
    timeZone: page.timeZone,
    agency: page.agency,
    domain: page.domain,
    url: `${toOrigin(addresses, page.domain)}/@${page.path.slice(1)}`,
    origins: page.origins,
    identities: page.identities,
    ...(page.identitiesSince && { identitiesSince: page.identitiesSince }),
    ...(page.alerts && { alerts: toAlertSettings(page.alerts) }),
    createdAt: page.createdAt,
    updatedAt: page.updatedAt,
  };
}

export function toSettingsView({ timeZone, origins, identities, alerts }: Page): PageSettings {
  return {
    timeZone,
    origins,
    identities,
    alerts: toAlertSettings(alerts ?? defaultAlerts),
  };
}

function toAlertSettings(alerts: PageAlerts): PageSettings['alerts'] {
  const { enabled, method, sensitivity, recipients, quietHours, kinds, goal, badDays } = alerts;
  return {
    enabled,
    method,
    sensitivity,
    recipients,
    quietHours: quietHours && { from: quietHours.from, to: quietHours.to },
    kinds,
    goal,
    badDays,
  };
}

/** The page of a share, without what is only for its users. */
export function toSharedPageView(
  { path, title, timeZone }: Page,
  { expiresAt, extras, metrics }: ShareRecord,
  brand: AgencyBrand | undefined,
): SharedPage {
  return { page: path, title, timeZone, expiresAt, extras, metrics, brand: brand ? toBrandView(brand) : null };
}

export function toBrandView({ name, logo, accent, poweredBy }: AgencyBrand): AgencyBrand {
  return { name, logo, accent, poweredBy };
}

export function toUserView({ subject, email, role, agency, pages }: User): UserView {
  return {
    subject,
    email,
    role,
    agency,
    pages,
    invitedAt: null,
    expiresAt: null,
    pending: false,
  };
}

/** Before the address of an invitation, in place of the subject that it does not have yet. */
export const invitedPrefix = 'invited:';

export function toInvitationView({ email, role, agency, pages, invitedAt }: InvitationRecord): UserView {
  return {
    subject: `${invitedPrefix}${email}`,
    email,
    role,
    agency,
    pages,
    invitedAt,
    expiresAt: new Date(invitationEnd({ invitedAt })).toISOString(),
    pending: true,
  };
}

export function toKeyView({ id, label, scopes, createdAt, lastUsedAt }: ApiKeyRecord): Key {
  return { id, label, scopes, createdAt, lastUsedAt };
}

export function toShareView(share: ShareRecord): Share {
  const { id, page, label, createdAt, expiresAt, revokedAt, extras, metrics, passwordHash, embedOrigins } = share;
  return {
    id,
    page,
    label,
    createdAt,
    expiresAt,
    revokedAt,
    extras,
    metrics,
    protected: passwordHash !== null,
    embedOrigins,
  };
}

export function toAnnotationView({ id, at, text, url, source }: Annotation): Annotation {
  return { id, at, text, url, source };
}

/** @param partial whether the caller sees only some of its pages */
export function toCampaignView(campaign: CampaignRecord, partial: boolean): CampaignView {
  const { id, page, agency, name, label, from, to, utm, budget, goal, metric, note, createdAt, updatedAt } = campaign;
  const shown = { id, page, agency, name, label, from, to, utm, public: campaign.public };
  const whole = {
    budget: budget && { minor: budget.minor, currency: budget.currency },
    goal: goal && { of: goal.of, target: goal.target },
    metric,
    note,
  };
  const part = { budget: null, goal: null, metric: null, note: '' };
  return { ...shown, ...(partial ? part : whole), partial, createdAt, updatedAt };
}

export function toSegmentView({ id, name, filters }: Segment): Segment {
  return { id, name, filters: filters.map(({ dimension, operator, values }) => ({ dimension, operator, values })) };
}

export function toFunnelView({ id, name, unit, windowDays, steps }: Funnel): Funnel {
  return { id, name, unit, windowDays, steps: steps.map(toFunnelStep) };
}

function toFunnelStep({ type, name, link, path, filters }: FunnelStep): FunnelStep {
  return {
    ...(type !== undefined && { type }),
    ...(name !== undefined && { name }),
    ...(link !== undefined && { link }),
    ...(path !== undefined && { path }),
    ...(filters !== undefined && {
      filters: filters.map(({ dimension, operator, values }) => ({ dimension, operator, values })),
    }),
  };
}

export function toExportView(job: ExportJob, result: JobResult<ExportOutcome>): Export {
  const { id, page, from, to, format, createdAt } = job;
  const view = { id, page, from, to, format, createdAt, state: result.state };
  switch (result.state) {
    case 'running':
      return { ...view, rows: null, url: null, urls: [], message: null };
    case 'failed':
      return { ...view, rows: null, url: null, urls: [], message: result.message };
    case 'done': {
      const { rows, urls } = result.result;
      return { ...view, rows, url: urls[0] ?? null, urls, message: null };
    }
    default:
      return result satisfies never;
  }
}

export function toErasureView({ id, subject, createdAt }: ErasureJob, result: JobResult<ErasureReceipt>): Erasure {
  const view = { id, kind: subject, createdAt, state: result.state, message: null };
  const nothing = { rewritten: [], pending: [], erased: {}, remaining: [] };
  switch (result.state) {
    case 'running':
      return { ...view, ...nothing };
    case 'failed':
      return { ...view, ...nothing, message: result.message };
    case 'done': {
      const { rewritten, pending, erased, remaining, tombstone } = result.result;
      return {
        ...view,
        message: tombstone === null ? 'No events of this visitor were found. Nothing was erased.' : null,
        rewritten,
        pending,
        erased,
        remaining: remaining.map(({ place, until }) => ({ place, until })),
      };
    }
    default:
      return result satisfies never;
  }
}

/** Returns undefined for a rule of the whole stack, or with an outcome that the API does not offer. */
export function toRuleView({ id, page, field, value, outcome }: RuleRecord): Rule | undefined {
  if (page === null || (outcome !== 'counted' && outcome !== 'bot')) return undefined;
  return { id, page, field, value, outcome, createdAt: new Date(decodeUlidTime(id)).toISOString() };
}

export function toAnomalyView({ incident, state }: FollowedIncident, mark: IncidentMark = {}): Anomaly {
  return {
    id: incident.id,
    page: incident.page,
    metric: incident.metric,
    method: incident.method,
    direction: incident.direction,
    since: incident.since,
    lastAlert: incident.lastAlert,
    recovered: incident.recovered,
    openedAt: incident.openedAt,
    recoveredAt: incident.recoveredAt,
    unit: incident.unit,
    first: toStatistics(incident.first),
    end: incident.end && toStatistics(incident.end),
    cause: incident.cause && toCause(incident.cause),
    broken: incident.broken.map(({ code, title, url, problem }) => ({
      code,
      ...(title === undefined ? {} : { title }),
      url,
      problem,
    })),
    checked: incident.checked,
    ...(incident.checkProblem === undefined ? {} : { checkProblem: incident.checkProblem }),
    state,
    acknowledgedAt: mark.acknowledgedAt === undefined ? null : new Date(mark.acknowledgedAt).toISOString(),
    feedback: mark.feedback ?? null,
    words: {
      line: capitalize(buildLine(incident, state)),
      sentence: buildSentence(incident, state),
      state: describeState(incident, state),
      facts: listFacts(incident),
      broken: incident.broken.map(describeBroken),
      brokenLinks: summarizeBroken(incident.broken),
    },
  };
}

function toStatistics({ expected, actual, score }: Incident['first']): Incident['first'] {
  return { expected, actual, score };
}

type Cause = NonNullable<Incident['cause']>;

export function toCause({ change, dimensions, bots }: Cause): Cause {
  return {
    change,
    dimensions: dimensions.map(({ dimension, values, share, surprise }) => ({
      dimension,
      values: values.map(({ value, title, before, after, share: part }) => ({
        value,
        ...(title === undefined ? {} : { title }),
        before,
        after,
        share: part,
      })),
      share,
      surprise,
    })),
    bots: { before: bots.before, after: bots.after },
  };
}

export function toForecastView({ page, through, state, reason, unit, days, pace }: PageForecast): ForecastView {
  return {
    page,
    through,
    state,
    reason,
    unit,
    days: days.map(({ date, views, low, high }) => ({ date, views, low, high })),
    pace: pace && toPace(pace),
  };
}

type Pace = NonNullable<PageForecast['pace']>;

function toPace({ month, unit, goal, soFar, expected, low, high, probability, verdict }: Pace): Pace {
  return {
    month,
    ...(unit && { unit }),
    goal,
    soFar,
    expected,
    low,
    high,
    ...(probability !== undefined && { probability }),
    verdict,
  };
}
