-- Hours with events of an erased subject, or with erased ids, in raw files or settled runs.
WITH events AS (
  SELECT dt, hr, page_path, visitor_id, consented_id, anonymous_id, import_id FROM raw_events WHERE dt BETWEEN :raw_from_dt AND :raw_to_dt
  UNION ALL
  SELECT dt, hr, page_path, visitor_id, consented_id, anonymous_id, import_id FROM settled_events WHERE dt BETWEEN :from_dt AND :to_dt
)
SELECT dt, hr, count(*) AS events
FROM events
WHERE {{is_erased}} OR {{is_forgotten}}
GROUP BY dt, hr
ORDER BY 1, 2
