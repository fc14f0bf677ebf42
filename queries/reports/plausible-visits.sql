-- Visits of a page by local date and by what the tables of Plausible's import break them down by. A visit has the source, place
-- and device of its first event; a bounce is a visit of one event.
WITH events AS (
  SELECT
    local_date, session_id, visitor_id, event_type, occurred_at,
    coalesce(utm_source, referrer_name, referrer_host, '') AS source,
    coalesce(referrer_host, '') AS referrer,
    coalesce(utm_source, '') AS utm_source,
    coalesce(utm_medium, '') AS utm_medium,
    coalesce(utm_campaign, '') AS utm_campaign,
    coalesce(utm_content, '') AS utm_content,
    coalesce(utm_term, '') AS utm_term,
    coalesce(country, '') AS country,
    coalesce(device_type, '') AS device,
    coalesce(browser, '') AS browser,
    coalesce(browser_version, '') AS browser_version,
    coalesce(os, '') AS os,
    row_number() OVER (PARTITION BY local_date, session_id ORDER BY occurred_at, event_id) AS place
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND page_path = :page
    AND outcome = 'counted' AND session_id IS NOT NULL
),
visits AS (
  SELECT
    local_date, session_id, max(visitor_id) AS visitor_id, count(*) AS events,
    count_if(event_type = 'page_view') AS pageviews,
    CAST(round((to_unixtime(max(occurred_at)) - to_unixtime(min(occurred_at))) * 1000) AS bigint) AS milliseconds,
    max(CASE WHEN place = 1 THEN source END) AS source,
    max(CASE WHEN place = 1 THEN referrer END) AS referrer,
    max(CASE WHEN place = 1 THEN utm_source END) AS utm_source,
    max(CASE WHEN place = 1 THEN utm_medium END) AS utm_medium,
    max(CASE WHEN place = 1 THEN utm_campaign END) AS utm_campaign,
    max(CASE WHEN place = 1 THEN utm_content END) AS utm_content,
    max(CASE WHEN place = 1 THEN utm_term END) AS utm_term,
    max(CASE WHEN place = 1 THEN country END) AS country,
    max(CASE WHEN place = 1 THEN device END) AS device,
    max(CASE WHEN place = 1 THEN browser END) AS browser,
    max(CASE WHEN place = 1 THEN browser_version END) AS browser_version,
    max(CASE WHEN place = 1 THEN os END) AS os
  FROM events
  GROUP BY local_date, session_id
),
tables AS (
  SELECT 'sources' AS name
  UNION ALL SELECT 'locations' AS name
  UNION ALL SELECT 'devices' AS name
  UNION ALL SELECT 'browsers' AS name
  UNION ALL SELECT 'operating_systems' AS name
),
listed AS (
  SELECT
    tables.name, visits.local_date, visits.visitor_id, visits.events, visits.pageviews, visits.milliseconds,
    CASE tables.name
      WHEN 'sources' THEN visits.source
      WHEN 'locations' THEN visits.country
      WHEN 'devices' THEN visits.device
      WHEN 'browsers' THEN visits.browser
      WHEN 'operating_systems' THEN visits.os
    END AS value_1,
    CASE tables.name WHEN 'sources' THEN visits.referrer WHEN 'browsers' THEN visits.browser_version ELSE '' END AS value_2,
    CASE WHEN tables.name = 'sources' THEN visits.utm_source ELSE '' END AS value_3,
    CASE WHEN tables.name = 'sources' THEN visits.utm_medium ELSE '' END AS value_4,
    CASE WHEN tables.name = 'sources' THEN visits.utm_campaign ELSE '' END AS value_5,
    CASE WHEN tables.name = 'sources' THEN visits.utm_content ELSE '' END AS value_6,
    CASE WHEN tables.name = 'sources' THEN visits.utm_term ELSE '' END AS value_7
  FROM visits CROSS JOIN tables
)
SELECT
  name, local_date, value_1, value_2, value_3, value_4, value_5, value_6, value_7,
  count(DISTINCT visitor_id) AS visitors, count(*) AS visits, count_if(events = 1) AS bounces,
  CAST(round(sum(milliseconds) / 1000.0) AS bigint) AS seconds, sum(pageviews) AS pageviews
FROM listed
GROUP BY name, local_date, value_1, value_2, value_3, value_4, value_5, value_6, value_7
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
