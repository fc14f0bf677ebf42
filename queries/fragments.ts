import type { TombstoneKind } from '#core/settle/tombstone.ts';
import {
  campaignDimensions,
  type Dimension,
  dimensionNames,
  type DimensionName,
  dimensions,
  type RuleField,
  ruleFields,
  topListDimensions,
} from '#schemas/dimensions.ts';
import { utmColumns } from '#schemas/campaign-parameters.ts';
import { eventFields, fieldEntries } from '#schemas/event.ts';
import { exportColumns } from '#schemas/export/columns.ts';

/** Replaces each `{{name}}` of a SQL file with the text that the contract gives it; unknown names stay as they are. */
export function expandFragments(sql: string): string {
  return sql.replace(/\{\{(\w+)\}\}/g, (text, name: string) => fragments[name] ?? text);
}

/** Columns that settle computes itself. */
const settledColumns = new Set(['outcome', 'outcome_rule', 'session_id', 'repeat_key']);
const keptColumns = fieldEntries(eventFields)
  .map(([name]) => name)
  .filter((name) => !settledColumns.has(name));

/** Dimensions that a filtered report breaks down. */
const listed = dimensionNames.filter((name) => 'counter' in dimensions[name] || 'topList' in dimensions[name]);
/** `link` is also an entity, so `day-top-lists.sql` adds it. */
const topLists = topListDimensions.filter((name) => name !== 'link');

/** A row's referrer as it was classified again, if it was. */
const referralChanges: Readonly<Record<string, string>> = {
  referrer_class: 'coalesce(referrals.new_class, evaluated.referrer_class) AS referrer_class',
  referrer_name: `CASE WHEN referrals.new_class IS NULL THEN evaluated.referrer_name
    ELSE nullif(referrals.new_name, '') END AS referrer_name`,
};

/** Columns that name what an erasure takes out, by kind. */
const erasureColumns: readonly [Exclude<TombstoneKind, 'ids' | 'link'>, string][] = [
  ['page', 'page_path'],
  ['visitor', 'CAST(visitor_id AS varchar)'],
  ['consented', 'consented_id'],
  ['consented', 'anonymous_id'],
  ['import', 'import_id'],
];

const idColumns: ReadonlySet<string> = new Set(['consented_id', 'anonymous_id']);
const isForgotten = `contains(split(:forgotten, chr(10)), ${hashOf('ids', 'page_path')})`;

/** What a row holds about where its visit came from; an absent value is an empty text. */
const referralValues = {
  version: `CAST(coalesce(classifier_version, 1) AS varchar)`,
  host: `coalesce(referrer_host, '')`,
  class: `coalesce(referrer_class, '')`,
  name: `coalesce(referrer_name, '')`,
  source: `coalesce(utm_source, '')`,
  medium: `coalesce(utm_medium, '')`,
  /** All that the rules read of a campaign. */
  campaign: `CASE WHEN lower(utm_campaign) LIKE '%cross-network%' THEN 'cross-network' ELSE '' END`,
  network: `coalesce(click_network, '')`,
  browser: `coalesce(browser, '')`,
};
const referralColumns = [
  'referrer_host',
  'referrer_class',
  'referrer_name',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'click_network',
  'browser',
  'classifier_version',
];

/** Steps of a funnel by a letter, because placeholders have no digits. */
export const funnelSteps = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const laterSteps = funnelSteps.slice(1);

const campaignLabel = 'lower(trim(campaign_id))';

const fragments: Readonly<Record<string, string>> = {
  export_columns: exportColumns.join(', '),
  kept_columns: keptColumns.join(', '),
  /** The same, without the ids of people whose page has erased them. */
  source_columns: keptColumns.map((name) => (idColumns.has(name) ? keptId(name) : name)).join(', '),
  evaluated_columns: keptColumns.map((name) => referralChanges[name] ?? `evaluated.${name}`).join(', '),
  referral_columns: referralColumns.join(', '),
  referral_values: Object.entries(referralValues)
    .map(([name, value]) => `${value} AS ${name}`)
    .join(', '),
  /** The same as one text, as `core/referrer/reclassify.ts` writes it. */
  referral_key: Object.values(referralValues).join(' || chr(9) || '),
  utm_columns: utmColumns.join(', '),
  listed_values: listed.map((name) => `${dimensionOf(name).value ?? dimensionOf(name).column} AS ${name}`).join(', '),
  listed_names: listed.join(', '),
  listed_sets: listed.map((name) => `(${name}, outcome)`).join(', '),
  listed_cases: groupingCases(listed),
  top_values: topLists.map((name) => `${dimensions[name].topList} AS ${name}`).join(', '),
  top_names: topLists.join(', '),
  top_sets: topLists.map((name) => `(entity, ${name})`).join(', '),
  top_cases: groupingCases(topLists),
  /** The link that a visit clicked last, before an event or by it. */
  brought_by: `CASE WHEN session_id IS NOT NULL
      THEN max_by(link_id, CASE WHEN link_id IS NOT NULL THEN occurred_at END)
        OVER (PARTITION BY session_id ORDER BY occurred_at, event_id) END`,
  /**
   * Whom an id that a person had before names now, from the events `kept` of one page: the one person, whose id may itself
   * have been followed by another. An id of several people (`links.persons`) stays a person of its own.
   */
  people: `links AS (
  SELECT anonymous_id, max(consented_id) AS person, count(DISTINCT consented_id) AS persons
  FROM kept
  WHERE anonymous_id IS NOT NULL AND consented_id IS NOT NULL
  GROUP BY anonymous_id
),
followed AS (
  SELECT anonymous_id, person FROM links WHERE persons = 1
),
people AS (
  SELECT followed.anonymous_id, coalesce(later.person, followed.person) AS person
  FROM followed LEFT JOIN followed AS later ON later.anonymous_id = followed.person
)`,
  /** The label of an event's campaign, as `normalizeLabel` writes it. Earlier versions kept it as it was typed. */
  campaign_label: campaignLabel,
  /** The campaign of that link; an empty text without one. */
  brought_by_campaign: `max_by(coalesce(${campaignLabel}, ''), CASE WHEN link_id IS NOT NULL THEN occurred_at END)
        OVER (PARTITION BY session_id ORDER BY occurred_at, event_id)`,
  /** `core/stats/campaign.ts` reads them. */
  campaign_columns: campaignDimensions.map((name) => dimensions[name].column).join(', '),
  campaign_cases: campaignDimensions
    .map((name) => {
      const { column, counter } = dimensions[name];
      return `WHEN grouping(${column}) = 0 THEN '${counter}.' || ${column}`;
    })
    .join('\n      '),
  campaign_sets: campaignDimensions.map((name) => `(entity, ${dimensions[name].column})`).join(', '),
  /** `core/stats/event-counts.ts` reads it. */
  event_and_kind: `event_name || chr(9) || coalesce(conversion, '')`,
  earns: `conversion IN ('sale', 'refund') AND currency IS NOT NULL AND value_minor IS NOT NULL`,
  /** A sum of bigints would fail where it overflows. */
  revenue: 'sum(CAST(value_minor AS decimal(38, 0)))',
  /** The value of the dimension `:dimension`; NULL for none. */
  dimension_value: `CASE :dimension ${dimensionNames
    .map((name) => `WHEN '${name}' THEN ${dimensionOf(name).value ?? dimensionOf(name).column}`)
    .join(' ')} END`,
  /** A column for each step of a funnel, which is 1 if the event fills it. */
  funnel_marks: funnelSteps.map((step) => `${matchStep(step)} AS ${step}`).join(',\n    '),
  funnel_columns: funnelSteps.join(', '),
  funnel_any: `${funnelSteps.join(' + ')} > 0`,
  /**
   * The place of the next event that fills each later step. In descending order a frame only grows, which Trino adds up
   * incrementally; one that shrinks is added up anew for each row, in quadratic time.
   */
  funnel_next: laterSteps
    .map(
      (step) => `min(CASE WHEN ${step} = 1 THEN place END)
      OVER (PARTITION BY unit ORDER BY place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_${step}`,
    )
    .join(',\n    '),
  /** From each event of step a (`opened` is its place), when every later step was reached first: one join by place each. */
  funnel_steps: [firstStep(), ...laterSteps.map(laterStep)].join(',\n'),
  funnel_reached: `1 + ${laterSteps.map((step) => `CASE WHEN at_${step} IS NULL THEN 0 ELSE 1 END`).join(' + ')}`,
  /** A row for each step that a visit or person reached. */
  funnel_passed: funnelSteps.map(passedStep).join('\n  UNION ALL\n  '),
  /** Whether the tombstone of an event's page, visitor, consented id or import is in `:erased`. */
  in_slice: `strpos(:slice, substr(to_hex(sha256(to_utf8(coalesce(page_path, '')))), 1, 1)) > 0`,
  is_erased: `(${erasureColumns.map(erasedCondition).join('\n    OR ')})`,
  /** Whether an event holds ids of people that its page has erased. */
  is_forgotten: `(:forgotten_count > 0 AND coalesce(consented_id, anonymous_id) IS NOT NULL AND ${isForgotten})`,
  /** Whether an event is a click of a short link that came from no page, known to have no referrer. */
  opened_directly: `event_type = 'link_click' AND link_id IS NOT NULL AND referrer_host IS NULL AND referrer_class IS NOT NULL`,
  /** What the reclassification rule `:field` looks at, as text. */
  rule_value: ruleValue(':field', (column) => column),
  /** Whether settle has replaced the rule `:wanted`, or decided by it if it is a behavior rule. */
  ruled_before: ruledBefore(':wanted', 'outcome_rule'),
  /** The same two for the rule of a row of `rules` and a settled event. */
  settled_rule_value: ruleValue('rules.field', (column) => `settled_events.${column}`),
  settled_ruled_before: ruledBefore('rules.wanted', 'settled_events.outcome_rule'),
  /** What the rule of a row of `rules` looks at, in the event of a row of `copies` in `settle-events.sql`. */
  copies_rule_value: ruleValue('rules.field', (column) =>
    column === 'outcome_rule' ? 'copies.seen_rule' : `copies.${column}`,
  ),
};

function matchStep(step: string): string {
  return `CASE WHEN (:type_${step} = '' OR event_type = :type_${step}) AND :filters_${step}
      AND (:path_${step} = '' OR :path_${step} = address_path) THEN 1 ELSE 0 END`;
}

/** Of a visit, only the earliest first step is followed: a later one cannot reach further. */
function firstStep(): string {
  return `firsts AS (
  SELECT
    unit, place, occurred_at, value, next_b,
    row_number() OVER (PARTITION BY unit ORDER BY place) AS number
  FROM nexts
  WHERE a = 1 AND local_date <= :to
),
step_a AS (
  SELECT unit, value, place AS opened, occurred_at AS at_a, next_b AS next_place
  FROM firsts
  WHERE :unit = 'person' OR number = 1
)`;
}

/** @param at of the later steps */
function laterStep(step: string, at: number): string {
  const [before = '', next] = [funnelSteps[at], funnelSteps[at + 2]];
  const known = funnelSteps.slice(0, at + 1).map((each) => `earlier.at_${each}`);
  return `step_${step} AS (
  SELECT
    earlier.unit, earlier.value, earlier.opened, ${known.join(', ')},
    found.occurred_at AS at_${step}${next === undefined ? '' : `, found.next_${next} AS next_place`}
  FROM step_${before} AS earlier LEFT JOIN nexts AS found
    ON found.unit = earlier.unit AND found.place = earlier.next_place
      AND found.occurred_at <= earlier.at_a + INTERVAL '1' SECOND * :seconds
)`;
}

function passedStep(step: string, at: number): string {
  const before = funnelSteps[at - 1];
  const seconds = before === undefined ? 'CAST(NULL AS double)' : `to_unixtime(at_${step}) - to_unixtime(at_${before})`;
  return `SELECT value, ${at + 1} AS step, ${seconds} AS seconds, CASE WHEN reached = ${at + 1} THEN is_open ELSE 0 END AS is_open
  FROM best WHERE at_${step} IS NOT NULL`;
}

/** The hash is that of `hashSubject` in core/settle/tombstone.ts. */
function erasedCondition([kind, column]: readonly [TombstoneKind, string]): string {
  return `contains(split(:erased, chr(10)), ${hashOf(kind, column)})`;
}

function hashOf(kind: TombstoneKind, column: string): string {
  return `to_hex(sha256(to_utf8('${kind}:' || coalesce(${column}, ''))))`;
}

function keptId(column: string): string {
  return `CASE WHEN :forgotten_count = 0 OR NOT ${isForgotten} THEN ${column} END AS ${column}`;
}

function dimensionOf(name: DimensionName): Dimension {
  return dimensions[name];
}

/** Names the grouping set of a row. */
function groupingCases(names: readonly string[]): string {
  return names.map((name) => `WHEN grouping(${name}) = 0 THEN '${name}'`).join('\n      ');
}

function ruleValue(field: string, qualify: (column: string) => string): string {
  const cases = (Object.keys(ruleFields) as RuleField[]).map((name) => {
    const column = qualify(ruleFields[name]);
    const value = eventFields[ruleFields[name]].kind === 'text' ? column : `CAST(${column} AS varchar)`;
    return `WHEN '${name}' THEN ${value}`;
  });
  return `CASE ${field} ${cases.join(' ')} END`;
}

function ruledBefore(wanted: string, rule: string): string {
  return `(${rule} LIKE 'settle.%|' || ${wanted}
      OR (${rule} LIKE 'settle.behavior.%' AND split_part(${rule}, '|', 1) = 'settle.' || ${wanted}))`;
}
