-- Totals of many pages over local dates, including pages without events.
WITH pages AS (
  SELECT page_path FROM UNNEST(split(:pages, chr(10))) AS t(page_path)
),
visits AS (
  SELECT page_path, event_type, link_id, session_id
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND outcome = 'counted'
    AND contains(split(:pages, chr(10)), page_path)
),
totals AS (
  SELECT
    page_path,
    count_if(event_type = 'page_view') AS views,
    count(DISTINCT session_id) AS sessions,
    count_if(event_type = 'link_click') AS clicks,
    count(DISTINCT CASE WHEN event_type = 'link_click' THEN link_id END) AS links
  FROM visits
  GROUP BY page_path
)
SELECT
  pages.page_path,
  coalesce(totals.views, 0) AS views,
  coalesce(totals.sessions, 0) AS sessions,
  coalesce(totals.clicks, 0) AS clicks,
  coalesce(totals.links, 0) AS links,
  CASE
    WHEN totals.clicks > totals.views AND totals.views > 0 THEN CAST(1 AS double)
    WHEN totals.views > 0 THEN CAST(totals.clicks AS double) / totals.views
  END AS ctr
FROM pages LEFT JOIN totals ON totals.page_path = pages.page_path
ORDER BY 1
