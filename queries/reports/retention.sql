-- Who came back to a page, of the people whose ids it keeps. A person is one `consented_id`, with the ids that named only
-- them before (docs/events.md#identities). Lists:
-- `size`: people by cohort, the period of their first start event or each with one.
-- `back`: people by cohort and later period with a return event.
-- `last`: people by cohort and the last closed period with one; what lies beyond the horizon is put there.
-- `counted`, `identified`: counted events of the cohorts' dates, and those with an id.
-- `since`: the first date with an id. `conflicts`: ids of devices of several people.
WITH kept AS (
  SELECT
    local_date, outcome, consented_id, anonymous_id,
    CASE :by
      WHEN 'day' THEN local_date
      WHEN 'week' THEN substr(CAST(date_trunc('week', CAST(local_date AS date)) AS varchar), 1, 10)
      ELSE substr(local_date, 1, 8) || '01'
    END AS period,
    CASE WHEN (:start_type = '' OR event_type = :start_type) AND :start_filters THEN 1 ELSE 0 END AS starts,
    CASE WHEN (:return_type = '' OR event_type = :return_type) AND :return_filters THEN 1 ELSE 0 END AS returns
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND page_path = :page AND (outcome = 'counted' OR anonymous_id IS NOT NULL)
),
{{people}},
active AS (
  SELECT coalesce(people.person, kept.consented_id) AS person, kept.period, max(starts) AS starts, max(returns) AS returns
  FROM kept LEFT JOIN people ON people.anonymous_id = kept.consented_id
  WHERE kept.outcome = 'counted' AND kept.consented_id IS NOT NULL
  GROUP BY coalesce(people.person, kept.consented_id), kept.period
),
firsts AS (
  SELECT person, min(period) AS cohort FROM active WHERE starts = 1 GROUP BY person
),
members AS (
  SELECT person, cohort FROM firsts WHERE :mode = 'first' AND cohort BETWEEN :first_period AND :last_period
  UNION ALL
  SELECT person, period AS cohort FROM active
  WHERE :mode = 'each' AND starts = 1 AND period BETWEEN :first_period AND :last_period
),
returned AS (
  SELECT members.cohort, members.person, active.period
  FROM members INNER JOIN active ON active.person = members.person
  WHERE active.returns = 1 AND active.period > members.cohort
),
lasts AS (
  SELECT cohort, person, CASE WHEN max(period) > :horizon THEN :horizon ELSE max(period) END AS period
  FROM returned
  WHERE period <= :closed_period
  GROUP BY cohort, person
),
listed AS (
  SELECT 'size' AS list, cohort, '' AS period, count(*) AS amount FROM members GROUP BY cohort
  UNION ALL
  SELECT 'back' AS list, cohort, period, count(*) AS amount FROM returned WHERE period <= :horizon GROUP BY cohort, period
  UNION ALL
  SELECT 'last' AS list, cohort, period, count(*) AS amount FROM lasts GROUP BY cohort, period
  UNION ALL
  SELECT 'counted' AS list, '' AS cohort, '' AS period, count(*) AS amount
  FROM kept WHERE outcome = 'counted' AND local_date BETWEEN :from AND :to
  UNION ALL
  SELECT 'identified' AS list, '' AS cohort, '' AS period, count(*) AS amount
  FROM kept WHERE outcome = 'counted' AND consented_id IS NOT NULL AND local_date BETWEEN :from AND :to
  UNION ALL
  SELECT 'since' AS list, '' AS cohort, min(local_date) AS period, count(*) AS amount
  FROM kept WHERE outcome = 'counted' AND consented_id IS NOT NULL HAVING count(*) > 0
  UNION ALL
  SELECT 'conflicts' AS list, '' AS cohort, '' AS period, count(*) AS amount FROM links WHERE persons > 1
)
SELECT list, cohort, period, amount FROM listed ORDER BY list, cohort, period
