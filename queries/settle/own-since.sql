-- When the first counted event was that no import has brought, of each link of a page; without a link, of the page's views
-- and custom events. Milliseconds since the epoch.
SELECT link_id, CAST(round(to_unixtime(min(occurred_at)) * 1000) AS bigint) AS first_at
FROM settled_events
WHERE dt BETWEEN :from_dt AND :to_dt AND page_path = :page AND outcome = 'counted' AND import_id IS NULL
GROUP BY link_id
