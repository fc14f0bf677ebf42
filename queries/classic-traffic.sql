-- The rule that everyone knows, over complete local days: a day below half of the average of the 14 days before it is a
-- DROP, above double a SURGE, where that average is above 100. A page is a line with its zone and the date to evaluate.
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
    sum(traffic.views) AS views
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
    CAST(sum(CASE WHEN day < evaluated AND day >= evaluated - INTERVAL '14' DAY THEN views ELSE 0 END) AS double) / 14 AS average,
    count_if(day < evaluated AND day >= evaluated - INTERVAL '14' DAY) AS days
  FROM days
  GROUP BY page_path
)
SELECT
  page_path,
  views,
  average,
  CASE
    WHEN days < 14 OR average <= 100 THEN NULL
    WHEN views < average / 2 THEN 'DROP'
    WHEN views > average * 2 THEN 'SURGE'
  END AS verdict
FROM compared
ORDER BY 1
