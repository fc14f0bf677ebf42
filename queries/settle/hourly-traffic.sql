-- Of a page's own events: what an import has brought, it did not live through.
SELECT
  date_trunc('hour', occurred_at) AS hour,
  page_path,
  count_if(event_type = 'page_view') AS views,
  count(DISTINCT session_id) AS unique_sessions,
  count(DISTINCT visitor_id) AS unique_visitors,
  count_if(event_type = 'link_click') AS clicks,
  CASE
    WHEN count_if(event_type = 'page_view') = 0 THEN NULL
    WHEN count_if(event_type = 'link_click') > count_if(event_type = 'page_view') THEN CAST(1 AS double)
    ELSE CAST(count_if(event_type = 'link_click') AS double) / count_if(event_type = 'page_view')
  END AS ctr
FROM settled_events
WHERE dt = :dt AND outcome = 'counted' AND page_path IS NOT NULL AND import_id IS NULL
GROUP BY date_trunc('hour', occurred_at), page_path
ORDER BY 1, 2
