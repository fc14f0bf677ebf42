SELECT
  local_date AS "date", page_path, country, device_type AS device, browser, os, region, city,
  referrer_class, referrer_name, language, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted' AND page_path IS NOT NULL
GROUP BY local_date, page_path, country, device_type, browser, os, region, city, referrer_class, referrer_name, language
ORDER BY 1, 2, 3, 4
