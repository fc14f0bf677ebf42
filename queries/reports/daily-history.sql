-- Views and clicks of pages by local date, for daily detection and the forecast. A zone is one line per offset that it
-- had. In zones with half hours, a UTC hour counts for the date on which it begins.
WITH zones AS (
  SELECT
    split_part(line, '|', 1) AS zone,
    CAST(split_part(line, '|', 2) AS timestamp) AS starts,
    CAST(split_part(line, '|', 3) AS timestamp) AS ends,
    CAST(split_part(line, '|', 4) AS bigint) AS minutes
  FROM UNNEST(split(:zones, chr(10))) AS t(line)
),
pages AS (
  SELECT split_part(line, '|', 1) AS page_path, split_part(line, '|', 2) AS zone
  FROM UNNEST(split(:pages, chr(10))) AS t(line)
)
SELECT
  traffic.page_path,
  CAST(CAST(traffic.hour + zones.minutes * INTERVAL '1' MINUTE AS date) AS varchar) AS local_date,
  sum(traffic.views) AS views,
  sum(traffic.clicks) AS clicks
FROM hourly_traffic AS traffic
JOIN pages ON pages.page_path = traffic.page_path
JOIN zones ON zones.zone = pages.zone AND traffic.hour >= zones.starts AND traffic.hour < zones.ends
WHERE traffic.dt BETWEEN :first_dt AND :last_dt
GROUP BY traffic.page_path, CAST(CAST(traffic.hour + zones.minutes * INTERVAL '1' MINUTE AS date) AS varchar)
ORDER BY 1, 2
