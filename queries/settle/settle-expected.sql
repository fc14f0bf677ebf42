-- Number of arrivals that a new run of an hour must hold, of rows and arrivals that erasure removes, and of rows that lose ids.
WITH source AS (
  SELECT event_id, received_at, page_path, visitor_id, consented_id, anonymous_id, import_id
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run
  UNION ALL
  SELECT event_id, received_at, page_path, visitor_id, consented_id, anonymous_id, import_id
  FROM raw_events
  WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
),
arrivals AS (
  SELECT count(*) AS copies
  FROM source
  WHERE :erased_count = 0 OR NOT {{is_erased}}
  GROUP BY event_id, received_at
)
SELECT
  count(*) AS events,
  (SELECT count(*) FROM source) - coalesce(sum(copies), 0) AS erased,
  (SELECT count(*) FROM (SELECT event_id FROM source GROUP BY event_id, received_at)) - count(*) AS erased_events,
  (SELECT count_if({{is_forgotten}}) FROM source) AS forgotten
FROM arrivals
