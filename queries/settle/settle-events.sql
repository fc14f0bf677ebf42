-- Settles one hour: each event once (by event_id), erased events removed, reclassification rules applied, duplicates
-- marked, sessions assigned.
-- It reads the hour's raw files and its present run, so it works after the raw files are deleted. Of the hour before, it
-- needs the tail: repeats within seconds and sessions within 30 minutes.
-- An outcome that is decided here keeps the one that it replaces: `settle.<rule>|<outcome before>|<rule before>`.
-- Repeat keys stay in the raw files, which live longer than the salts that made them. A run keeps the keys of its tail,
-- and all keys if raw files were deleted early. A duplicate whose key is gone remains a duplicate.
-- Session ids of the tracker are even and derived ones odd, so that a later run can derive the odd ones again.
WITH source AS (
  SELECT
    0 AS copy_rank, '' AS path, {{kept_columns}},
    CASE WHEN outcome_rule LIKE 'settle.%' THEN split_part(outcome_rule, '|', 2) ELSE outcome END AS base_outcome,
    CASE WHEN outcome_rule LIKE 'settle.%'
      THEN substr(outcome_rule, length(split_part(outcome_rule, '|', 1)) + length(split_part(outcome_rule, '|', 2)) + 3)
      ELSE outcome_rule END AS base_rule,
    CASE WHEN session_id % 2 = 0 THEN session_id END AS session_id,
    repeat_key, CASE WHEN outcome = 'duplicate' THEN 1 ELSE 0 END AS was_duplicate
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run
  UNION ALL
  SELECT
    1 AS copy_rank, "$path" AS path, {{kept_columns}},
    outcome AS base_outcome, outcome_rule AS base_rule, session_id - session_id % 2 AS session_id,
    repeat_key, 0 AS was_duplicate
  FROM raw_events
  WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
),
copies AS (
  SELECT
    *, max(repeat_key) OVER (PARTITION BY event_id) AS known_key,
    row_number() OVER (PARTITION BY event_id ORDER BY copy_rank, path, received_at, base_outcome) AS copy_number
  FROM source
  WHERE :erased_count = 0 OR NOT {{is_erased}}
),
rules AS (
  SELECT
    split_part(line, chr(9), 1) AS rule_id, split_part(line, chr(9), 2) AS field, split_part(line, chr(9), 3) AS wanted,
    split_part(line, chr(9), 4) AS new_outcome, split_part(line, chr(9), 5) AS page
  FROM UNNEST(split(:rules, chr(10))) AS t(line)
),
ruled AS (
  SELECT copies.event_id, max(rules.rule_id) AS rule_id, max_by(rules.new_outcome, rules.rule_id) AS new_outcome
  FROM copies JOIN rules
    ON (rules.page = '' OR rules.page = copies.page_path)
    AND rules.wanted = {{copies_rule_value}}
  WHERE copies.copy_number = 1 AND copies.base_outcome <> 'failed'
  GROUP BY copies.event_id
),
classified AS (
  SELECT
    copies.*,
    coalesce(ruled.new_outcome, base_outcome) AS new_outcome,
    CASE WHEN ruled.rule_id IS NOT NULL AND ruled.new_outcome <> base_outcome
      THEN 'settle.reclassified.' || ruled.rule_id || '|' || base_outcome || '|' || base_rule
      ELSE base_rule END AS new_rule
  FROM copies LEFT JOIN ruled ON ruled.event_id = copies.event_id
  WHERE copies.copy_number = 1
),
attempts AS (
  SELECT event_id, known_key AS repeat_key, occurred_at, 1 AS in_hour
  FROM classified
  WHERE new_outcome = 'counted' AND known_key IS NOT NULL
  UNION ALL
  SELECT event_id, repeat_key, occurred_at, 0 AS in_hour
  FROM settled_runs
  WHERE dt = :before_dt AND hr = :before_hr AND run = :before_run
    AND outcome IN ('counted', 'duplicate') AND repeat_key IS NOT NULL
    AND occurred_at >= :hour - INTERVAL '1' SECOND * :window_longest
),
repeats AS (
  SELECT
    event_id, in_hour, occurred_at, repeat_key,
    lag(occurred_at) OVER (PARTITION BY repeat_key ORDER BY occurred_at, event_id) AS previous_at
  FROM attempts
),
duplicates AS (
  SELECT event_id FROM repeats
  WHERE in_hour = 1
    AND occurred_at <= previous_at + INTERVAL '1' SECOND * CASE WHEN repeat_key % 2 = 0 THEN :window_unknown ELSE :window_known END
  UNION ALL
  SELECT event_id FROM classified WHERE was_duplicate = 1 AND known_key IS NULL AND new_outcome = 'counted'
),
evaluated AS (
  SELECT
    classified.*,
    CASE WHEN duplicates.event_id IS NULL THEN new_outcome ELSE 'duplicate' END AS outcome,
    CASE WHEN duplicates.event_id IS NULL THEN new_rule
      ELSE 'settle.duplicate|' || base_outcome || '|' || base_rule END AS outcome_rule
  FROM classified LEFT JOIN duplicates ON duplicates.event_id = classified.event_id
),
visits AS (
  SELECT event_id, page_path, local_date, visitor_id, occurred_at, CAST(NULL AS bigint) AS known_session
  FROM evaluated
  WHERE outcome = 'counted' AND visitor_id IS NOT NULL AND session_id IS NULL
    AND page_path IS NOT NULL AND local_date IS NOT NULL
  UNION ALL
  SELECT event_id, page_path, local_date, visitor_id, occurred_at, session_id AS known_session
  FROM settled_runs
  WHERE dt = :before_dt AND hr = :before_hr AND run = :before_run
    AND outcome = 'counted' AND visitor_id IS NOT NULL AND session_id % 2 <> 0
    AND occurred_at >= :hour - INTERVAL '30' MINUTE
),
pauses AS (
  SELECT
    event_id, page_path, local_date, visitor_id, occurred_at, known_session,
    CASE WHEN occurred_at <= lag(occurred_at) OVER (PARTITION BY page_path, local_date, visitor_id ORDER BY occurred_at, event_id)
      + INTERVAL '30' MINUTE THEN 0 ELSE 1 END AS starts
  FROM visits
),
numbered AS (
  SELECT
    event_id, page_path, local_date, visitor_id, occurred_at, known_session,
    sum(starts) OVER (PARTITION BY page_path, local_date, visitor_id ORDER BY occurred_at, event_id) AS visit_number
  FROM pauses
),
sessions AS (
  SELECT
    event_id,
    first_value(coalesce(known_session, event_id - event_id % 2 + 1))
      OVER (PARTITION BY page_path, local_date, visitor_id, visit_number ORDER BY occurred_at, event_id) AS derived_session
  FROM numbered
)
SELECT
  {{evaluated_columns}}, evaluated.outcome, evaluated.outcome_rule,
  coalesce(evaluated.session_id, sessions.derived_session) AS session_id,
  CASE WHEN :keep_keys = 1 OR evaluated.occurred_at >= :hour + INTERVAL '1' HOUR - INTERVAL '1' SECOND * :window_longest
    THEN evaluated.known_key END AS repeat_key
FROM evaluated LEFT JOIN sessions ON sessions.event_id = evaluated.event_id
ORDER BY page_path, link_id, occurred_at, event_id
