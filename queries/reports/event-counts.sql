-- Counted custom events of a page, or of the visits that a link brought, by name and kind, with filters. The lists are those of
-- `day-top-lists.sql`. Visitors are those of each local date, added up.
WITH visits AS (
  SELECT settled_events.*, {{brought_by}} AS brought_by
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND page_path = :page AND outcome = 'counted'
),
customs AS (
  SELECT local_date, {{event_and_kind}} AS event, conversion, currency, value_minor, visitor_id
  FROM visits
  WHERE event_name IS NOT NULL AND :filters AND occurred_at >= :start AND occurred_at < :end
    AND (:kind = 'page' OR brought_by = :name)
),
daily AS (
  SELECT local_date, event, count(*) AS events, count(DISTINCT visitor_id) AS visitors
  FROM customs
  GROUP BY local_date, event
),
listed AS (
  SELECT 'event' AS list, event AS value, sum(events) AS events, sum(visitors) AS amount FROM daily GROUP BY event
  UNION ALL
  SELECT 'revenue' AS list, event || chr(9) || currency AS value, count(*) AS events, {{revenue}} AS amount
    FROM customs WHERE {{earns}} GROUP BY event, currency
),
ranked AS (
  SELECT list, value, events, amount, row_number() OVER (PARTITION BY list ORDER BY events DESC, value) AS place
  FROM listed
)
SELECT list, value, CAST(events AS bigint) AS events, amount
FROM ranked
WHERE place <= :longest
ORDER BY list, place
