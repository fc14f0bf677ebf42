-- Unique visitors and sessions of each page and link on one local date. A bounce is a session of one event.
WITH visits AS (
  SELECT page_path, link_id, visitor_id, session_id, occurred_at
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted'
),
entities AS (
  SELECT 'page#' || page_path AS entity, visitor_id, session_id, occurred_at FROM visits WHERE page_path IS NOT NULL
  UNION ALL
  SELECT 'link#' || link_id AS entity, visitor_id, session_id, occurred_at FROM visits WHERE link_id IS NOT NULL
),
sessions AS (
  SELECT
    entity, session_id, count(*) AS events,
    CAST(round((to_unixtime(max(occurred_at)) - to_unixtime(min(occurred_at))) * 1000) AS bigint) AS milliseconds
  FROM entities
  WHERE session_id IS NOT NULL
  GROUP BY entity, session_id
),
visitors AS (
  SELECT entity, count(DISTINCT visitor_id) AS visitors FROM entities GROUP BY entity
),
totals AS (
  SELECT entity, count(*) AS sessions, count_if(events = 1) AS bounces, sum(milliseconds) AS milliseconds
  FROM sessions
  GROUP BY entity
)
SELECT
  visitors.entity, visitors.visitors, coalesce(totals.sessions, 0) AS sessions,
  coalesce(totals.bounces, 0) AS bounces, coalesce(totals.milliseconds, 0) AS milliseconds
FROM visitors LEFT JOIN totals ON totals.entity = visitors.entity
ORDER BY 1
