-- Counters of each campaign of a page on one local date. A click counts for the campaign that its link had when it was
-- clicked: by link (the most clicked ones), country, device and source, with the first and the last in seconds since the
-- epoch; requests that were not counted by outcome; distinct visitors; and conversions of visits whose last clicked link
-- belonged to the campaign.
WITH requests AS (
  SELECT
    'campaign#' || page_path || '#' || {{campaign_label}} AS entity,
    link_id, outcome, visitor_id, occurred_at, {{campaign_columns}}
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date
    AND event_type = 'link_click' AND page_path IS NOT NULL AND link_id IS NOT NULL AND campaign_id IS NOT NULL
),
clicks AS (
  SELECT
    entity,
    CASE
      WHEN grouping(link_id) = 0 THEN 'l.' || link_id
      {{campaign_cases}}
      ELSE 'clicks'
    END AS name,
    count(*) AS amount
  FROM requests
  WHERE outcome = 'counted'
  GROUP BY GROUPING SETS ((entity), (entity, link_id), {{campaign_sets}})
),
ranked AS (
  SELECT entity, name, amount, row_number() OVER (PARTITION BY entity, substr(name, 1, 2) ORDER BY amount DESC, name) AS place
  FROM clicks
  WHERE name IS NOT NULL
),
visits AS (
  SELECT page_path, conversion, currency, value_minor, {{brought_by_campaign}} AS campaign
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted' AND session_id IS NOT NULL
),
conversions AS (
  SELECT 'campaign#' || page_path || '#' || campaign AS entity, conversion, currency, value_minor
  FROM visits
  WHERE page_path IS NOT NULL AND campaign <> '' AND conversion IS NOT NULL
)
SELECT entity, name, amount FROM ranked WHERE place <= :longest
UNION ALL
SELECT entity, 'x.' || outcome AS name, count(*) AS amount FROM requests WHERE outcome <> 'counted' GROUP BY entity, outcome
UNION ALL
SELECT entity, 'visitors' AS name, count(DISTINCT visitor_id) AS amount FROM requests WHERE outcome = 'counted' GROUP BY entity
UNION ALL
SELECT entity, 'first' AS name, CAST(round(to_unixtime(min(occurred_at))) AS bigint) AS amount
  FROM requests WHERE outcome = 'counted' GROUP BY entity
UNION ALL
SELECT entity, 'last' AS name, CAST(round(to_unixtime(max(occurred_at))) AS bigint) AS amount
  FROM requests WHERE outcome = 'counted' GROUP BY entity
UNION ALL
SELECT entity, 'g.' || conversion AS name, count(*) AS amount FROM conversions GROUP BY entity, conversion
UNION ALL
SELECT entity, 'g.' || currency AS name, {{revenue}} AS amount FROM conversions WHERE {{earns}} GROUP BY entity, currency
ORDER BY 1, 2
