-- Settles one hour. The steps, each a group of CTEs:
-- 1. arrivals: one row per arrival of an event, without erased events and ids. Redeliveries share `received_at` and are one
--    arrival. Rows of one `event_id` with another `received_at` are later arrivals: a client sent its event again.
-- 2. behaviors: what a visitor did on a page in this hour shows a program (docs/events.md#behavior). Its counted events
--    become a bot's. An hour never depends on the behavior in another.
-- 3. classified: later arrivals are duplicates; reclassification rules decide on the others.
-- 4. duplicates: repeats of a counted event with the same repeat key within the window. The window is measured from the
--    last event that counted, so a chain of repeats ends.
-- 5. sessions: for every counted event with a visitor id, 30 minutes idle, within the local date.
--
-- A large hour is settled in slices: each query takes the pages whose hash begins with one of the digits of `slice`. All that the
-- steps compare is of one page, because a client's event id contains its page, and so do repeat keys.
-- The query reads the hour's raw files and its present run, so it works after the raw files are deleted. Of the run of
-- the hour before it needs the counted events of the last seconds and of the last 30 minutes.
-- An outcome that is decided here keeps the one that it replaces: `settle.<rule>|<outcome before>|<rule before>`.
-- Repeat keys stay in the raw files, which live longer than the salts that made them. A run keeps the keys of the counted
-- events in its tail, and all keys if raw files were deleted early. A duplicate whose key is gone remains a duplicate.
-- Session ids from clients are even and derived ones odd. A client's is used only if there is no visitor id.
WITH source AS (
  SELECT
    0 AS copy_rank, '' AS path, {{source_columns}},
    CASE WHEN outcome_rule LIKE 'settle.%' THEN split_part(outcome_rule, '|', 2) ELSE outcome END AS base_outcome,
    CASE WHEN outcome_rule LIKE 'settle.%'
      THEN substr(outcome_rule, length(split_part(outcome_rule, '|', 1)) + length(split_part(outcome_rule, '|', 2)) + 3)
      ELSE outcome_rule END AS base_rule,
    CASE WHEN session_id % 2 = 0 THEN session_id END AS session_id,
    repeat_key, CASE WHEN outcome = 'duplicate' THEN 1 ELSE 0 END AS was_duplicate
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run AND (:slice = '' OR {{in_slice}})
  UNION ALL
  SELECT
    1 AS copy_rank, "$path" AS path, {{source_columns}},
    outcome AS base_outcome, outcome_rule AS base_rule, session_id - session_id % 2 AS session_id,
    repeat_key, 0 AS was_duplicate
  FROM raw_events
  WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable) AND (:slice = '' OR {{in_slice}})
),
arrivals AS (
  SELECT
    *, max(repeat_key) OVER (PARTITION BY event_id) AS known_key,
    -- The arrival of the copy before this one. An event that was sent again after it had failed replaces the failed one.
    lag(received_at) OVER (
      PARTITION BY event_id
      ORDER BY received_at, CASE WHEN base_outcome = 'failed' THEN 1 ELSE 0 END, copy_rank, path, base_outcome
    ) AS copy_received_at,
    min(CASE WHEN base_outcome <> 'failed' THEN received_at END) OVER (PARTITION BY event_id) AS first_received_at
  FROM source
  WHERE :erased_count = 0 OR NOT {{is_erased}}
),
-- Of each link that a visitor requested on a page: refused requests, counted events, and openings without a referrer.
requested AS (
  SELECT
    page_path, visitor_id, link_id,
    count_if(base_outcome = 'refused') AS refused,
    count_if(base_outcome = 'counted') AS counted,
    count_if(base_outcome = 'counted' AND {{opened_directly}}) AS opened,
    min(CASE WHEN base_outcome = 'counted' AND {{opened_directly}} THEN occurred_at END) AS opened_at
  FROM arrivals
  WHERE (copy_received_at IS NULL OR copy_received_at <> received_at) AND visitor_id IS NOT NULL AND page_path IS NOT NULL
    -- An import brings what its tool said about robots.
    AND import_id IS NULL
    AND (base_outcome = 'counted'
      OR (base_outcome = 'refused' AND base_rule LIKE 'method.%' AND base_rule <> 'method.OPTIONS'))
  GROUP BY page_path, visitor_id, link_id
),
-- Few visitors pass: the others cost one aggregation.
suspects AS (
  SELECT
    page_path, visitor_id, sum(refused) AS refused, sum(counted) AS counted, sum(opened) AS opened,
    count(opened_at) AS links, array_agg(opened_at) AS moments
  FROM requested
  GROUP BY page_path, visitor_id
  HAVING sum(refused) > 0 OR count(opened_at) >= 8
),
paces AS (
  SELECT
    page_path, visitor_id, refused, counted, opened, links, opened_at,
    lag(opened_at, 7) OVER (PARTITION BY page_path, visitor_id ORDER BY opened_at) AS eighth_last,
    lag(opened_at, 9) OVER (PARTITION BY page_path, visitor_id ORDER BY opened_at) AS tenth_last
  FROM suspects CROSS JOIN UNNEST(moments) AS t(opened_at)
),
behaviors AS (
  SELECT
    page_path, visitor_id,
    CASE
      WHEN max(refused) > 0 AND max(counted) <= 20 * max(refused) THEN 'behavior.refused-methods'
      WHEN max(opened) <= 2 * max(links) AND count_if(opened_at <= eighth_last + INTERVAL '8' SECOND) > 0
        THEN 'behavior.too-fast'
      WHEN max(opened) = max(counted) AND 4 * max(opened) <= 5 * max(links)
        AND count_if(opened_at <= tenth_last + INTERVAL '5' MINUTE) > 0
        THEN 'behavior.walks-links'
    END AS behavior
  FROM paces
  GROUP BY page_path, visitor_id
),
copies AS (
  SELECT
    arrivals.*,
    CASE WHEN base_outcome = 'counted' AND behavior IS NOT NULL THEN 'bot' ELSE base_outcome END AS seen_outcome,
    CASE WHEN base_outcome = 'counted' AND behavior IS NOT NULL THEN behavior ELSE base_rule END AS seen_rule
  FROM arrivals LEFT JOIN behaviors
    ON behaviors.page_path = arrivals.page_path AND behaviors.visitor_id = arrivals.visitor_id
  WHERE copy_received_at IS NULL OR copy_received_at <> received_at
),
rules AS (
  SELECT
    split_part(line, chr(9), 1) AS rule_id, split_part(line, chr(9), 2) AS field, split_part(line, chr(9), 3) AS wanted,
    split_part(line, chr(9), 4) AS new_outcome, split_part(line, chr(9), 5) AS page
  FROM UNNEST(split(:rules, chr(10))) AS t(line)
),
-- What `rebuild --reclassify` changes: the class, the name, and the values that a row has so far.
referrals AS (
  SELECT
    split_part(line, chr(9), 1) AS new_class, split_part(line, chr(9), 2) AS new_name,
    substr(line, length(split_part(line, chr(9), 1)) + length(split_part(line, chr(9), 2)) + 3) AS referral_key
  FROM UNNEST(split(:referrals, chr(10))) AS t(line)
  WHERE line <> ''
),
ruled AS (
  SELECT
    copies.event_id, copies.received_at,
    max(rules.rule_id) AS rule_id, max_by(rules.new_outcome, rules.rule_id) AS new_outcome
  FROM copies JOIN rules
    ON (rules.page = '' OR rules.page = copies.page_path)
    AND rules.wanted = {{copies_rule_value}}
  WHERE copies.base_outcome NOT IN ('failed', 'identify')
  GROUP BY copies.event_id, copies.received_at
),
classified AS (
  SELECT
    copies.*,
    CASE
      WHEN copies.received_at > first_received_at AND base_outcome <> 'failed' THEN 'duplicate'
      ELSE coalesce(ruled.new_outcome, seen_outcome)
    END AS new_outcome,
    CASE
      WHEN copies.received_at > first_received_at AND base_outcome <> 'failed'
        THEN 'settle.duplicate.id|' || base_outcome || '|' || base_rule
      WHEN ruled.rule_id IS NOT NULL AND ruled.new_outcome <> seen_outcome
        THEN 'settle.reclassified.' || ruled.rule_id || '|' || base_outcome || '|' || base_rule
      WHEN seen_rule <> base_rule THEN 'settle.' || seen_rule || '|' || base_outcome || '|' || base_rule
      ELSE base_rule
    END AS new_rule
  FROM copies LEFT JOIN ruled ON ruled.event_id = copies.event_id AND ruled.received_at = copies.received_at
),
attempts AS (
  SELECT event_id, received_at, known_key AS repeat_key, occurred_at, 1 AS in_hour
  FROM classified
  WHERE new_outcome = 'counted' AND known_key IS NOT NULL
  UNION ALL
  SELECT
    max_by(event_id, occurred_at) AS event_id, max_by(received_at, occurred_at) AS received_at,
    repeat_key, max(occurred_at) AS occurred_at, 0 AS in_hour
  FROM settled_runs
  WHERE dt = :before_dt AND hr = :before_hr AND run = :before_run
    AND outcome = 'counted' AND repeat_key IS NOT NULL
    AND occurred_at >= :hour - INTERVAL '1' SECOND * :window_longest
  GROUP BY repeat_key
),
timed AS (
  SELECT
    event_id, received_at, in_hour, repeat_key,
    CAST(round(to_unixtime(occurred_at) * 1000) AS bigint) AS moment,
    CASE WHEN repeat_key % 2 = 0 THEN :window_unknown ELSE :window_known END * 1000 AS milliseconds
  FROM attempts
),
neighbors AS (
  SELECT
    event_id, received_at, in_hour, repeat_key, moment, milliseconds,
    lag(moment) OVER (PARTITION BY repeat_key ORDER BY moment, event_id, received_at) AS previous_moment,
    lead(moment) OVER (PARTITION BY repeat_key ORDER BY moment, event_id, received_at) AS next_moment
  FROM timed
),
-- An event without another one within its window counts, and no other event depends on it.
repeats AS (
  SELECT event_id, received_at, in_hour, repeat_key, moment, milliseconds, previous_moment
  FROM neighbors
  WHERE moment <= previous_moment + milliseconds OR next_moment <= moment + milliseconds
),
-- Only a chain that is longer than its window can hold a second event that counts.
chains AS (
  SELECT repeat_key, array_agg(ARRAY[moment, milliseconds] ORDER BY moment) AS chain
  FROM repeats
  GROUP BY repeat_key
  HAVING max(moment) > min(moment) + max(milliseconds)
),
-- Walks through each chain. `kept` holds the moments that counted, the last one first. DuckDB needs elements of the
-- state's type, and reads a column within `reduce` from a wrong row.
walked AS (
  SELECT
    repeat_key,
    reduce(
      chain,
      ARRAY[CAST(-1000000 AS bigint)],
      (kept, event) -> CASE WHEN event[1] > kept[1] + event[2] THEN ARRAY[event[1]] || kept ELSE kept END,
      kept -> kept
    ) AS kept
  FROM chains
),
counted_moments AS (
  SELECT repeat_key, moment FROM walked CROSS JOIN UNNEST(kept) AS t(moment)
),
duplicates AS (
  SELECT repeats.event_id, repeats.received_at
  FROM repeats LEFT JOIN counted_moments
    ON counted_moments.repeat_key = repeats.repeat_key AND counted_moments.moment = repeats.moment
    AND repeats.moment > repeats.previous_moment
  WHERE repeats.in_hour = 1 AND counted_moments.repeat_key IS NULL
    AND repeats.moment <= repeats.previous_moment + repeats.milliseconds
),
evaluated AS (
  SELECT
    classified.*,
    {{referral_key}} AS referral_key,
    CASE WHEN is_duplicate = 1 THEN 'duplicate' ELSE new_outcome END AS outcome,
    CASE WHEN is_duplicate = 1 THEN 'settle.duplicate|' || base_outcome || '|' || base_rule ELSE new_rule END AS outcome_rule
  FROM (
    SELECT
      classified.*,
      CASE
        WHEN duplicates.event_id IS NOT NULL THEN 1
        WHEN was_duplicate = 1 AND known_key IS NULL AND new_outcome = 'counted' THEN 1
        ELSE 0
      END AS is_duplicate
    FROM classified LEFT JOIN duplicates
      ON duplicates.event_id = classified.event_id AND duplicates.received_at = classified.received_at
  ) AS classified
),
visits AS (
  SELECT event_id, received_at, 1 AS in_hour, page_path, local_date, visitor_id, occurred_at, CAST(NULL AS bigint) AS known_session
  FROM evaluated
  WHERE outcome = 'counted' AND visitor_id IS NOT NULL AND page_path IS NOT NULL AND local_date IS NOT NULL
  UNION ALL
  SELECT event_id, received_at, 0 AS in_hour, page_path, local_date, visitor_id, occurred_at, session_id AS known_session
  FROM settled_runs
  WHERE dt = :before_dt AND hr = :before_hr AND run = :before_run
    AND outcome = 'counted' AND visitor_id IS NOT NULL AND session_id IS NOT NULL
    AND occurred_at >= :hour - INTERVAL '30' MINUTE
),
pauses AS (
  SELECT
    event_id, received_at, in_hour, page_path, local_date, visitor_id, occurred_at, known_session,
    CASE WHEN occurred_at <= lag(occurred_at) OVER (PARTITION BY page_path, local_date, visitor_id ORDER BY occurred_at, event_id)
      + INTERVAL '30' MINUTE THEN 0 ELSE 1 END AS starts
  FROM visits
),
numbered AS (
  SELECT
    event_id, received_at, in_hour, page_path, local_date, visitor_id, occurred_at, known_session,
    sum(starts) OVER (PARTITION BY page_path, local_date, visitor_id ORDER BY occurred_at, event_id) AS visit_number
  FROM pauses
),
sessions AS (
  SELECT
    event_id, received_at, in_hour,
    first_value(coalesce(known_session, event_id - event_id % 2 + 1))
      OVER (PARTITION BY page_path, local_date, visitor_id, visit_number ORDER BY occurred_at, event_id) AS derived_session
  FROM numbered
)
SELECT
  {{evaluated_columns}}, evaluated.outcome, evaluated.outcome_rule,
  coalesce(sessions.derived_session, evaluated.session_id) AS session_id,
  CASE
    WHEN :keep_keys = 1 THEN evaluated.known_key
    WHEN evaluated.outcome = 'counted' AND evaluated.occurred_at >= :hour + INTERVAL '1' HOUR - INTERVAL '1' SECOND * :window_longest
      THEN evaluated.known_key
  END AS repeat_key
-- Keys alone: another condition on this join makes it much slower.
FROM evaluated LEFT JOIN (SELECT event_id, received_at, derived_session FROM sessions WHERE in_hour = 1) AS sessions
  ON sessions.event_id = evaluated.event_id AND sessions.received_at = evaluated.received_at
LEFT JOIN referrals ON referrals.referral_key = evaluated.referral_key
ORDER BY page_path, link_id, occurred_at, event_id, evaluated.received_at
