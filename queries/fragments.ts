import type { ErasureKind } from '#schemas/lake-jobs.ts';
import {
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
const erasureColumns: readonly [Exclude<ErasureKind, 'ids'>, string][] = [
  ['page', 'page_path'],
  ['visitor', 'CAST(visitor_id AS varchar)'],
  ['consented', 'consented_id'],
  ['consented', 'anonymous_id'],
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
  /** Whether the tombstone of an event's page, visitor or consented id is in `:erased`. */
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

/** The hash is that of `hashSubject` in core/settle/tombstone.ts. */
function erasedCondition([kind, column]: readonly [ErasureKind, string]): string {
  return `contains(split(:erased, chr(10)), ${hashOf(kind, column)})`;
}

function hashOf(kind: ErasureKind, column: string): string {
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
