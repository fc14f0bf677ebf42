-- Events of a new run by local date, with a checksum of its tail: the hour after it depends on nothing else.
WITH arrivals AS (
  SELECT
    local_date, event_id, received_at, count(*) AS copies,
    max(CASE WHEN outcome = 'counted' AND occurred_at >= :hour_end - INTERVAL '1' SECOND * :window_longest
      THEN repeat_key END) AS repeat_key,
    max(CASE WHEN outcome = 'counted' AND visitor_id IS NOT NULL AND occurred_at >= :hour_end - INTERVAL '30' MINUTE
      THEN session_id END) AS session_id
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run
  GROUP BY local_date, event_id, received_at
)
SELECT
  local_date,
  sum(copies) AS events,
  count(*) AS distinct_events,
  coalesce(sum((event_id % 1000003) * (repeat_key % 1000003)), 0) AS repeats_tail,
  coalesce(sum((event_id % 1000003) * (session_id % 1000003)), 0) AS sessions_tail
FROM arrivals
GROUP BY local_date
