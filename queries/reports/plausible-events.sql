-- Custom events of a page by local date, and clicks by destination under the name that Plausible has for them.
SELECT
  local_date,
  CASE WHEN event_type = 'link_click' THEN 'Outbound Link: Click' ELSE coalesce(event_name, '') END AS name,
  CASE WHEN event_type = 'link_click' THEN coalesce(destination_url, '') ELSE '' END AS link_url,
  count(DISTINCT visitor_id) AS visitors, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND page_path = :page
  AND outcome = 'counted' AND event_type IN ('link_click', 'custom')
GROUP BY
  local_date,
  CASE WHEN event_type = 'link_click' THEN 'Outbound Link: Click' ELSE coalesce(event_name, '') END,
  CASE WHEN event_type = 'link_click' THEN coalesce(destination_url, '') ELSE '' END
ORDER BY 1, 2, 3
