-- Settled events of a page or a link with filters: outcomes by local hour, and counted events by value of each
-- dimension.
WITH chosen AS (
  SELECT local_hour, event_type, outcome, {{listed_values}}
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to
    AND CASE WHEN :kind = 'page' THEN page_path ELSE link_id END = :name
    AND occurred_at >= :start AND occurred_at < :end AND :filters
),
grouped AS (
  SELECT
    CASE
      WHEN grouping(local_hour) = 0 THEN 'hour'
      {{listed_cases}}
    END AS list,
    coalesce(local_hour, {{listed_names}}) AS value,
    outcome,
    count_if(event_type = 'page_view') AS views,
    count_if(event_type = 'link_click') AS clicks,
    count(*) AS events
  FROM chosen
  GROUP BY GROUPING SETS ((local_hour, outcome), {{listed_sets}})
),
ranked AS (
  SELECT
    list, value, outcome, views, clicks, events,
    row_number() OVER (PARTITION BY list ORDER BY events DESC, value) AS place
  FROM grouped
  WHERE value IS NOT NULL AND (list = 'hour' OR outcome = 'counted')
)
SELECT list, value, outcome, views, clicks, events
FROM ranked
WHERE list = 'hour' OR place <= :longest
ORDER BY list, place
