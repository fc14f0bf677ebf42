-- Events of a new run by local date, with a checksum of its tail: the hour after it depends on nothing else.
SELECT
  local_date,
  count(*) AS events,
  count(DISTINCT event_id) AS distinct_events,
  coalesce(sum(CASE WHEN outcome IN ('counted', 'duplicate') AND repeat_key IS NOT NULL
      AND occurred_at >= :hour_end - INTERVAL '1' SECOND * :window_longest
    THEN (event_id % 1000003) * (repeat_key % 1000003) ELSE 0 END), 0) AS repeats_tail,
  coalesce(sum(CASE WHEN outcome = 'counted' AND visitor_id IS NOT NULL AND session_id % 2 <> 0
      AND occurred_at >= :hour_end - INTERVAL '30' MINUTE
    THEN (event_id % 1000003) * (session_id % 1000003) ELSE 0 END), 0) AS sessions_tail
FROM settled_runs
WHERE dt = :dt AND hr = :hr AND run = :run
GROUP BY local_date
