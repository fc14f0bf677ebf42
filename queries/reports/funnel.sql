-- How far visits or people came in a funnel of a page, in total and by the most frequent values of a dimension at the first
-- step. From each event of the first step, the earliest next ones are taken; the furthest counts, once per visit or person.
-- Each step is later than the one before, at the same time by `event_id`, so one event fills one step.
-- `total`, `value`: by step, those that reached it, those that can still go on from it, and the median seconds from the step
-- before. `counted`, `united`: counted events of the dates of the first step, and those of a visit or person.
WITH addressed AS (
  SELECT
    settled_events.*,
    split_part(split_part(json_extract_scalar(properties, '$.url'), '?', 1), '#', 1) AS address
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND page_path = :page AND (outcome = 'counted' OR anonymous_id IS NOT NULL)
),
located AS (
  SELECT
    addressed.*,
    -- After the host; an address without a path is that of the start page.
    CASE
      WHEN address NOT LIKE 'http%' THEN NULL
      WHEN strpos(substr(address, 9), '/') = 0 THEN '/'
      ELSE substr(address, strpos(substr(address, 9), '/') + 8)
    END AS address_path
  FROM addressed
),
kept AS (
  SELECT
    event_id, occurred_at, local_date, outcome, session_id, consented_id, anonymous_id,
    coalesce({{dimension_value}}, '') AS value,
    {{funnel_marks}}
  FROM located
),
{{people}},
units AS (
  SELECT
    CASE :unit
      WHEN 'session' THEN CAST(kept.session_id AS varchar) || ' ' || kept.local_date
      ELSE coalesce(people.person, kept.consented_id)
    END AS unit,
    kept.event_id, kept.occurred_at, kept.local_date, kept.value, {{funnel_columns}}
  FROM kept LEFT JOIN people ON people.anonymous_id = kept.consented_id
  WHERE kept.outcome = 'counted' AND kept.local_date BETWEEN :from AND :until
),
ends AS (
  SELECT unit, max(occurred_at) AS ended FROM units WHERE unit IS NOT NULL GROUP BY unit
),
ordered AS (
  SELECT
    unit, occurred_at, local_date, value, {{funnel_columns}},
    row_number() OVER (PARTITION BY unit ORDER BY occurred_at, event_id) AS place
  FROM units
  WHERE unit IS NOT NULL AND {{funnel_any}}
),
nexts AS (
  SELECT
    ordered.*,
    {{funnel_next}}
  FROM ordered
),
{{funnel_steps}},
counted_runs AS (
  SELECT step_h.*, {{funnel_reached}} AS reached FROM step_h
),
chosen AS (
  SELECT
    counted_runs.*,
    -- A person whose furthest try is over can still go on from a later one.
    max(counted_runs.at_a) OVER (PARTITION BY unit) AS last_a,
    row_number() OVER (PARTITION BY unit ORDER BY reached DESC, opened) AS choice
  FROM counted_runs
),
best AS (
  SELECT
    chosen.*,
    CASE
      WHEN chosen.reached = :length THEN 0
      WHEN :unit = 'session' AND ends.ended + INTERVAL '30' MINUTE > :settled THEN 1
      WHEN :unit = 'person' AND chosen.last_a + INTERVAL '1' SECOND * :seconds > :settled THEN 1
      ELSE 0
    END AS is_open
  FROM chosen INNER JOIN ends ON ends.unit = chosen.unit
  WHERE chosen.choice = 1
),
tops AS (
  SELECT value, row_number() OVER (ORDER BY count(*) DESC, value) AS place
  FROM best
  WHERE :dimension <> ''
  GROUP BY value
),
passed AS (
  {{funnel_passed}}
),
listed AS (
  SELECT 'total' AS list, '' AS value, step, seconds, is_open FROM passed
  UNION ALL
  SELECT 'value' AS list, passed.value, passed.step, passed.seconds, passed.is_open
  FROM passed INNER JOIN tops ON tops.value = passed.value
  WHERE tops.place <= :longest
),
ranked AS (
  SELECT
    list, value, step, seconds, is_open,
    row_number() OVER (PARTITION BY list, value, step ORDER BY seconds) AS place,
    count(*) OVER (PARTITION BY list, value, step) AS reached
  FROM listed
),
counts AS (
  SELECT
    list, value, step, max(reached) AS reached, sum(is_open) AS open,
    -- The one in the middle, or the two.
    avg(CASE WHEN place * 2 BETWEEN reached AND reached + 2 THEN seconds END) AS median
  FROM ranked
  GROUP BY list, value, step
)
SELECT list, value, step, reached, CAST(open AS bigint) AS open, median FROM counts
UNION ALL
SELECT 'counted' AS list, '' AS value, 0 AS step, count(*) AS reached, CAST(0 AS bigint) AS open, CAST(NULL AS double) AS median
FROM units WHERE local_date <= :to
UNION ALL
SELECT 'united' AS list, '' AS value, 0 AS step, count(*) AS reached, CAST(0 AS bigint) AS open, CAST(NULL AS double) AS median
FROM units WHERE unit IS NOT NULL AND local_date <= :to
ORDER BY list, value, step
