-- Number of arrivals that a new run of an hour must hold, and of rows that erasure removes.
WITH source AS (
  SELECT event_id, received_at, page_path, visitor_id, consented_id
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run
  UNION ALL
  SELECT event_id, received_at, page_path, visitor_id, consented_id
  FROM raw_events
  WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
),
marked AS (
  SELECT
    event_id, received_at,
    CASE WHEN :erased_count > 0 AND {{is_erased}} THEN 1 ELSE 0 END AS erased
  FROM source
),
arrivals AS (
  SELECT count_if(erased = 0) AS copies, sum(erased) AS erased
  FROM marked
  GROUP BY event_id, received_at
)
SELECT
  count_if(copies > 0) AS events,
  coalesce(sum(erased), 0) AS erased
FROM arrivals
