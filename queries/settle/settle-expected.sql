-- Number of distinct events that a new run of an hour must hold, and of rows that erasure removes.
WITH source AS (
  SELECT event_id, page_path, visitor_id, consented_id
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run
  UNION ALL
  SELECT event_id, page_path, visitor_id, consented_id
  FROM raw_events
  WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
),
marked AS (
  SELECT
    event_id,
    CASE WHEN :erased_count > 0 AND {{is_erased}} THEN 1 ELSE 0 END AS erased
  FROM source
)
SELECT
  count(DISTINCT CASE WHEN erased = 0 THEN event_id END) AS events,
  coalesce(sum(erased), 0) AS erased
FROM marked
