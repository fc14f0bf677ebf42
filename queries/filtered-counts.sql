-- Settled events of a page or a link under filters: outcomes by local hour, and counted events by every value that is
-- broken down. An empty filter lets everything pass; a city may be asked for as `AT/Wien`.
WITH chosen AS (
  SELECT
    local_hour, event_type, outcome, country, country || '/' || coalesce(city, '') AS place, city, region,
    device_type, browser, os, referrer_class, referrer_name, referrer_host, language,
    utm_source, utm_medium, utm_campaign, link_id
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to
    AND CASE WHEN :kind = 'page' THEN page_path ELSE link_id END = :name
    AND (:country = '' OR country = :country)
    AND (:region = '' OR region = :region)
    AND (:city = '' OR city = :city OR country || '/' || city = :city)
    AND (:device = '' OR device_type = :device)
    AND (:browser = '' OR browser = :browser)
    AND (:os = '' OR os = :os)
    AND (:referrer = '' OR referrer_class = :referrer OR referrer_name = :referrer)
    AND (:host = '' OR referrer_host = :host)
    AND (:language = '' OR language = :language)
    AND (:utm_source = '' OR utm_source = :utm_source)
    AND (:utm_medium = '' OR utm_medium = :utm_medium)
    AND (:utm_campaign = '' OR utm_campaign = :utm_campaign)
    AND (:link = '' OR link_id = :link)
),
grouped AS (
  SELECT
    CASE
      WHEN grouping(local_hour) = 0 THEN 'hour'
      WHEN grouping(country) = 0 THEN 'country'
      WHEN grouping(place) = 0 THEN 'city'
      WHEN grouping(device_type) = 0 THEN 'device'
      WHEN grouping(browser) = 0 THEN 'browser'
      WHEN grouping(os) = 0 THEN 'os'
      WHEN grouping(referrer_class) = 0 THEN 'referrer'
      WHEN grouping(referrer_host) = 0 THEN 'host'
      WHEN grouping(language) = 0 THEN 'language'
      WHEN grouping(utm_source) = 0 THEN 'utm_source'
      WHEN grouping(utm_medium) = 0 THEN 'utm_medium'
      WHEN grouping(utm_campaign) = 0 THEN 'utm_campaign'
      ELSE 'link'
    END AS list,
    coalesce(local_hour, country, place, device_type, browser, os, referrer_class, referrer_host, language,
      utm_source, utm_medium, utm_campaign, link_id) AS value,
    outcome,
    count_if(event_type = 'page_view') AS views,
    count_if(event_type = 'link_click') AS clicks,
    count(*) AS events
  FROM (
    SELECT
      local_hour, event_type, outcome, country, CASE WHEN city IS NOT NULL THEN place END AS place,
      device_type, browser, os, referrer_class, referrer_host, language, utm_source, utm_medium, utm_campaign, link_id
    FROM chosen
  ) AS kept
  GROUP BY GROUPING SETS (
    (local_hour, outcome), (country, outcome), (place, outcome), (device_type, outcome), (browser, outcome),
    (os, outcome), (referrer_class, outcome), (referrer_host, outcome), (language, outcome), (utm_source, outcome),
    (utm_medium, outcome), (utm_campaign, outcome), (link_id, outcome)
  )
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
