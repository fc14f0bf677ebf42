-- Hours that hold events of someone to be erased, in raw files and settled runs alike.
WITH events AS (
  SELECT dt, hr, page_path, visitor_id, consented_id FROM raw_events WHERE dt BETWEEN :from_dt AND :to_dt
  UNION ALL
  SELECT dt, hr, page_path, visitor_id, consented_id FROM settled_events WHERE dt BETWEEN :from_dt AND :to_dt
)
SELECT dt, hr, count(*) AS events
FROM events
WHERE contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('page:' || coalesce(page_path, '')))))
  OR contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('visitor:' || coalesce(CAST(visitor_id AS varchar), '')))))
  OR contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('consented:' || coalesce(consented_id, '')))))
GROUP BY dt, hr
ORDER BY 1, 2
