-- Unique visitors and sessions of a page or a link by local date, with filters. A bounce is a session of one event.
WITH visits AS (
  SELECT local_date, visitor_id, session_id, occurred_at
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND outcome = 'counted'
    AND CASE WHEN :kind = 'page' THEN page_path ELSE link_id END = :name
    AND occurred_at >= :start AND occurred_at < :end AND :filters
),
sessions AS (
  SELECT
    local_date, session_id, count(*) AS events,
    CAST(round((to_unixtime(max(occurred_at)) - to_unixtime(min(occurred_at))) * 1000) AS bigint) AS milliseconds
  FROM visits
  WHERE session_id IS NOT NULL
  GROUP BY local_date, session_id
),
visitors AS (
  SELECT local_date, count(DISTINCT visitor_id) AS visitors FROM visits GROUP BY local_date
),
totals AS (
  SELECT local_date, count(*) AS sessions, count_if(events = 1) AS bounces, sum(milliseconds) AS milliseconds
  FROM sessions
  GROUP BY local_date
)
SELECT
  visitors.local_date, visitors.visitors, coalesce(totals.sessions, 0) AS sessions,
  coalesce(totals.bounces, 0) AS bounces, CAST(coalesce(totals.milliseconds, 0) AS bigint) AS milliseconds
FROM visitors LEFT JOIN totals ON totals.local_date = visitors.local_date
ORDER BY 1
