-- The rule that everyone knows, over complete local days: the click-through rate of a day with more than 50 views
-- against its average over the 14 days before it; a change above 50 % is a DROP or a SURGE.
WITH zones AS (
  SELECT
    split_part(line, '|', 1) AS zone,
    CAST(split_part(line, '|', 2) AS timestamp) AS starts,
    CAST(split_part(line, '|', 3) AS timestamp) AS ends,
    CAST(split_part(line, '|', 4) AS bigint) AS minutes
  FROM UNNEST(split(:zones, chr(10))) AS t(line)
),
pages AS (
  SELECT
    split_part(line, '|', 1) AS page_path,
    split_part(line, '|', 2) AS zone,
    CAST(split_part(line, '|', 3) AS date) AS evaluated
  FROM UNNEST(split(:pages, chr(10))) AS t(line)
),
days AS (
  SELECT
    traffic.page_path,
    pages.evaluated,
    CAST(traffic.hour + zones.minutes * INTERVAL '1' MINUTE AS date) AS day,
    sum(traffic.views) AS views,
    sum(traffic.clicks) AS clicks
  FROM hourly_traffic AS traffic
  JOIN pages ON pages.page_path = traffic.page_path
  JOIN zones ON zones.zone = pages.zone AND traffic.hour >= zones.starts AND traffic.hour < zones.ends
  WHERE traffic.dt BETWEEN :first_dt AND :last_dt
  GROUP BY traffic.page_path, pages.evaluated, CAST(traffic.hour + zones.minutes * INTERVAL '1' MINUTE AS date)
),
compared AS (
  SELECT
    page_path,
    sum(CASE WHEN day = evaluated THEN views ELSE 0 END) AS views,
    sum(CASE WHEN day = evaluated THEN clicks ELSE 0 END) AS clicks,
    sum(CASE WHEN day < evaluated AND day >= evaluated - INTERVAL '14' DAY THEN views ELSE 0 END) AS usual_views,
    sum(CASE WHEN day < evaluated AND day >= evaluated - INTERVAL '14' DAY THEN clicks ELSE 0 END) AS usual_clicks
  FROM days
  GROUP BY page_path
),
rates AS (
  SELECT
    page_path,
    views,
    usual_clicks,
    CAST(clicks AS double) / nullif(CAST(views AS double), 0) AS rate,
    CAST(usual_clicks AS double) / nullif(CAST(usual_views AS double), 0) AS usual
  FROM compared
)
SELECT
  page_path,
  views,
  rate,
  usual,
  CASE
    WHEN views <= 50 OR usual_clicks = 0 OR usual IS NULL THEN NULL
    WHEN rate / usual < 0.5 THEN 'DROP'
    WHEN rate / usual > 1.5 THEN 'SURGE'
  END AS verdict
FROM rates
ORDER BY 1
