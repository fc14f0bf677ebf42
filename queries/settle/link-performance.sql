SELECT
  local_date AS "date", page_path, destination_url, link_id, link_title, campaign_id AS campaign,
  {{utm_columns}},
  count(*) AS clicks, count(DISTINCT visitor_id) AS unique_clickers
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted' AND event_type = 'link_click'
GROUP BY local_date, page_path, destination_url, link_id, link_title, campaign_id,
  {{utm_columns}}
ORDER BY 1, 2, 3
