-- Top lists of each page and link on one local date: dimensions with too many values for counters. Entries are
-- the first events of sessions. Custom events are listed by name and kind: `event` has their number (`clicks`) and that of
-- their visitors (`views`), `revenue` the number of those with an amount, and its sum by currency. Those of a link
-- followed a click on it in the same visit.
WITH counted AS (
  SELECT
    page_path, link_id, event_type, event_name, conversion, currency, value_minor, visitor_id, {{top_values}},
    CASE WHEN session_id IS NOT NULL AND row_number() OVER (PARTITION BY session_id ORDER BY occurred_at, event_id) = 1
      THEN coalesce(referrer_host, 'direct') END AS entry_referrer,
    CASE WHEN session_id IS NOT NULL AND row_number() OVER (PARTITION BY session_id ORDER BY occurred_at, event_id) = 1
      THEN page_path END AS entry_page,
    {{brought_by}} AS brought_by
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted'
),
entities AS (
  SELECT 'page#' || page_path AS entity, event_type, {{top_names}}, split_part(link_id, '~', 1) AS link, entry_referrer, entry_page
    FROM counted WHERE page_path IS NOT NULL
  UNION ALL
  SELECT 'link#' || link_id AS entity, event_type, {{top_names}},
    CAST(NULL AS varchar) AS link, CAST(NULL AS varchar) AS entry_referrer, CAST(NULL AS varchar) AS entry_page
    FROM counted WHERE link_id IS NOT NULL
),
grouped AS (
  SELECT
    entity,
    CASE
      {{top_cases}}
      WHEN grouping(link) = 0 THEN 'link'
      WHEN grouping(entry_referrer) = 0 THEN 'entry_referrer'
      WHEN grouping(entry_page) = 0 THEN 'entry_page'
    END AS list,
    coalesce({{top_names}}, link, entry_referrer, entry_page) AS value,
    count_if(event_type = 'link_click') AS clicks,
    count_if(event_type = 'page_view') AS views,
    count(*) AS events
  FROM entities
  GROUP BY GROUPING SETS ({{top_sets}}, (entity, link), (entity, entry_referrer), (entity, entry_page))
),
customs AS (
  SELECT 'page#' || page_path AS entity, {{event_and_kind}} AS event, conversion, currency, value_minor, visitor_id
    FROM counted WHERE page_path IS NOT NULL AND event_name IS NOT NULL
  UNION ALL
  SELECT 'link#' || brought_by AS entity, {{event_and_kind}} AS event, conversion, currency, value_minor, visitor_id
    FROM counted WHERE brought_by IS NOT NULL AND event_name IS NOT NULL
),
listed AS (
  SELECT entity, list, value, clicks, views, events FROM grouped WHERE value IS NOT NULL
  UNION ALL
  SELECT entity, 'event' AS list, event AS value, count(*) AS clicks, count(DISTINCT visitor_id) AS views, count(*) AS events
    FROM customs GROUP BY entity, event
  UNION ALL
  SELECT
    entity, 'revenue' AS list, event || chr(9) || currency AS value, count(*) AS clicks, {{revenue}} AS views, count(*) AS events
    FROM customs WHERE {{earns}} GROUP BY entity, event, currency
),
ranked AS (
  SELECT entity, list, value, clicks, views, row_number() OVER (PARTITION BY entity, list ORDER BY events DESC, value) AS place
  FROM listed
)
SELECT entity, list, value, clicks, views
FROM ranked
WHERE place <= :longest
ORDER BY entity, list, place
