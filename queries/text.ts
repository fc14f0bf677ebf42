// Written by queries/generate.ts from the SQL files beside it.
export const sqlText = {
  'agency': `
-- Totals of many pages over local dates, zeros included: jobs, exports and exact=true.
WITH pages AS (
  SELECT page_path FROM UNNEST(split(:pages, chr(10))) AS t(page_path)
),
visits AS (
  SELECT page_path, event_type, link_id, session_id
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND outcome = 'counted'
    AND contains(split(:pages, chr(10)), page_path)
),
totals AS (
  SELECT
    page_path,
    count_if(event_type = 'page_view') AS views,
    count(DISTINCT session_id) AS sessions,
    count_if(event_type = 'link_click') AS clicks,
    count(DISTINCT CASE WHEN event_type = 'link_click' THEN link_id END) AS links
  FROM visits
  GROUP BY page_path
)
SELECT
  pages.page_path,
  coalesce(totals.views, 0) AS views,
  coalesce(totals.sessions, 0) AS sessions,
  coalesce(totals.clicks, 0) AS clicks,
  coalesce(totals.links, 0) AS links,
  CAST(totals.clicks AS double) / nullif(CAST(totals.views AS double), 0) AS ctr
FROM pages LEFT JOIN totals ON totals.page_path = pages.page_path
ORDER BY 1`,
  'audience-distribution': `
SELECT
  local_date AS "date", page_path, country, device_type AS device, browser, os, region, city,
  referrer_class, referrer_name, language, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted' AND page_path IS NOT NULL
GROUP BY local_date, page_path, country, device_type, browser, os, region, city, referrer_class, referrer_name, language
ORDER BY 1, 2, 3, 4`,
  'classic-ctr': `
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
    CAST(split_part(line, '|', 3) AS date) AS judged
  FROM UNNEST(split(:pages, chr(10))) AS t(line)
),
days AS (
  SELECT
    traffic.page_path,
    pages.judged,
    CAST(traffic.hour + zones.minutes * INTERVAL '1' MINUTE AS date) AS day,
    sum(traffic.views) AS views,
    sum(traffic.clicks) AS clicks
  FROM hourly_traffic AS traffic
  JOIN pages ON pages.page_path = traffic.page_path
  JOIN zones ON zones.zone = pages.zone AND traffic.hour >= zones.starts AND traffic.hour < zones.ends
  WHERE traffic.dt BETWEEN :first_dt AND :last_dt
  GROUP BY traffic.page_path, pages.judged, CAST(traffic.hour + zones.minutes * INTERVAL '1' MINUTE AS date)
),
compared AS (
  SELECT
    page_path,
    sum(CASE WHEN day = judged THEN views ELSE 0 END) AS views,
    sum(CASE WHEN day = judged THEN clicks ELSE 0 END) AS clicks,
    sum(CASE WHEN day < judged AND day >= judged - INTERVAL '14' DAY THEN views ELSE 0 END) AS usual_views,
    sum(CASE WHEN day < judged AND day >= judged - INTERVAL '14' DAY THEN clicks ELSE 0 END) AS usual_clicks
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
ORDER BY 1`,
  'classic-traffic': `
-- The rule that everyone knows, over complete local days: a day below half of the average of the 14 days before it is a
-- DROP, above double a SURGE, where that average is above 100. A page is a line with its zone and the date to judge.
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
    CAST(split_part(line, '|', 3) AS date) AS judged
  FROM UNNEST(split(:pages, chr(10))) AS t(line)
),
days AS (
  SELECT
    traffic.page_path,
    pages.judged,
    CAST(traffic.hour + zones.minutes * INTERVAL '1' MINUTE AS date) AS day,
    sum(traffic.views) AS views
  FROM hourly_traffic AS traffic
  JOIN pages ON pages.page_path = traffic.page_path
  JOIN zones ON zones.zone = pages.zone AND traffic.hour >= zones.starts AND traffic.hour < zones.ends
  WHERE traffic.dt BETWEEN :first_dt AND :last_dt
  GROUP BY traffic.page_path, pages.judged, CAST(traffic.hour + zones.minutes * INTERVAL '1' MINUTE AS date)
),
compared AS (
  SELECT
    page_path,
    sum(CASE WHEN day = judged THEN views ELSE 0 END) AS views,
    CAST(sum(CASE WHEN day < judged AND day >= judged - INTERVAL '14' DAY THEN views ELSE 0 END) AS double) / 14 AS average,
    count_if(day < judged AND day >= judged - INTERVAL '14' DAY) AS days
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
ORDER BY 1`,
  'daily-history': `
-- Views and clicks of pages by date of their own zones: what the daily detectors and the forecast learn from. A zone is
-- several lines, one per offset that it had; dates of zones with half hours are those of their whole UTC hours.
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
ORDER BY 1, 2`,
  'day-people': `
-- Daily uniques and sessions of each page, link and campaign. A bounce is a session of one event.
WITH visits AS (
  SELECT page_path, link_id, campaign_id, visitor_id, session_id, occurred_at
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted'
),
entities AS (
  SELECT 'page#' || page_path AS entity, visitor_id, session_id, occurred_at FROM visits WHERE page_path IS NOT NULL
  UNION ALL
  SELECT 'link#' || link_id AS entity, visitor_id, session_id, occurred_at FROM visits WHERE link_id IS NOT NULL
  UNION ALL
  SELECT 'campaign#' || campaign_id AS entity, visitor_id, session_id, occurred_at FROM visits WHERE campaign_id IS NOT NULL
),
sessions AS (
  SELECT
    entity, session_id, count(*) AS events,
    CAST(round((to_unixtime(max(occurred_at)) - to_unixtime(min(occurred_at))) * 1000) AS bigint) AS milliseconds
  FROM entities
  WHERE session_id IS NOT NULL
  GROUP BY entity, session_id
),
visitors AS (
  SELECT entity, count(DISTINCT visitor_id) AS visitors FROM entities GROUP BY entity
),
totals AS (
  SELECT entity, count(*) AS sessions, count_if(events = 1) AS bounces, sum(milliseconds) AS milliseconds
  FROM sessions
  GROUP BY entity
)
SELECT
  visitors.entity, visitors.visitors, coalesce(totals.sessions, 0) AS sessions,
  coalesce(totals.bounces, 0) AS bounces, coalesce(totals.milliseconds, 0) AS milliseconds
FROM visitors LEFT JOIN totals ON totals.entity = visitors.entity
ORDER BY 1`,
  'day-tops': `
-- The longest lists of each page, link and campaign: values too many to be counters. Entries are the first events of
-- sessions.
WITH counted AS (
  SELECT
    page_path, link_id, campaign_id, event_type,
    city || ', ' || coalesce(country, '') AS city, referrer_host, utm_source, utm_medium, utm_campaign, language,
    CASE WHEN session_id IS NOT NULL AND row_number() OVER (PARTITION BY session_id ORDER BY occurred_at, event_id) = 1
      THEN coalesce(referrer_host, 'direct') END AS entry_referrer,
    CASE WHEN session_id IS NOT NULL AND row_number() OVER (PARTITION BY session_id ORDER BY occurred_at, event_id) = 1
      THEN page_path END AS entry_page
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted'
),
entities AS (
  SELECT 'page#' || page_path AS entity, event_type, city, referrer_host, utm_source, utm_medium, utm_campaign, language,
    link_id AS link, entry_referrer, entry_page FROM counted WHERE page_path IS NOT NULL
  UNION ALL
  SELECT 'link#' || link_id AS entity, event_type, city, referrer_host, utm_source, utm_medium, utm_campaign, language,
    CAST(NULL AS varchar) AS link, CAST(NULL AS varchar) AS entry_referrer, CAST(NULL AS varchar) AS entry_page
    FROM counted WHERE link_id IS NOT NULL
  UNION ALL
  SELECT 'campaign#' || campaign_id AS entity, event_type, city, referrer_host, utm_source, utm_medium, utm_campaign, language,
    link_id AS link, CAST(NULL AS varchar) AS entry_referrer, CAST(NULL AS varchar) AS entry_page
    FROM counted WHERE campaign_id IS NOT NULL
),
grouped AS (
  SELECT
    entity,
    CASE
      WHEN grouping(city) = 0 THEN 'city'
      WHEN grouping(referrer_host) = 0 THEN 'host'
      WHEN grouping(utm_source) = 0 THEN 'utm_source'
      WHEN grouping(utm_medium) = 0 THEN 'utm_medium'
      WHEN grouping(utm_campaign) = 0 THEN 'utm_campaign'
      WHEN grouping(language) = 0 THEN 'language'
      WHEN grouping(link) = 0 THEN 'link'
      WHEN grouping(entry_referrer) = 0 THEN 'entry_referrer'
      ELSE 'entry_page'
    END AS list,
    coalesce(city, referrer_host, utm_source, utm_medium, utm_campaign, language, link, entry_referrer, entry_page) AS value,
    count_if(event_type = 'link_click') AS clicks,
    count_if(event_type = 'page_view') AS views,
    count(*) AS events
  FROM entities
  GROUP BY GROUPING SETS (
    (entity, city), (entity, referrer_host), (entity, utm_source), (entity, utm_medium), (entity, utm_campaign),
    (entity, language), (entity, link), (entity, entry_referrer), (entity, entry_page)
  )
),
ranked AS (
  SELECT entity, list, value, clicks, views, row_number() OVER (PARTITION BY entity, list ORDER BY events DESC, value) AS place
  FROM grouped
  WHERE value IS NOT NULL
)
SELECT entity, list, value, clicks, views
FROM ranked
WHERE place <= :longest
ORDER BY entity, list, place`,
  'exact-stats': `
-- Every event of a page or a link over local dates by hour, type and outcome, for exact=true.
SELECT local_hour, event_type, outcome, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to
  AND CASE WHEN :kind = 'page' THEN page_path ELSE link_id END = :name
GROUP BY local_hour, event_type, outcome
ORDER BY 1, 2, 3`,
  'filtered-counts': `
-- Settled events of a page or a link under filters: outcomes by local hour, and counted events by every value that is
-- broken down. An empty filter lets everything pass; a city may be asked for as \`AT/Wien\`.
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
ORDER BY list, place`,
  'filtered-people': `
-- Daily uniques and sessions of a page or a link under filters. A bounce is a session of one event.
WITH visits AS (
  SELECT local_date, visitor_id, session_id, occurred_at
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND outcome = 'counted'
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
ORDER BY 1`,
  'hour-outcomes': `
-- Every event of a settled hour by type and outcome: what retention holds the counters to before it deletes.
SELECT event_type, outcome, count(*) AS events
FROM settled_events
WHERE dt = :dt AND hr = :hr
GROUP BY event_type, outcome
ORDER BY 1, 2`,
  'hourly-traffic': `
SELECT
  date_trunc('hour', occurred_at) AS hour,
  page_path,
  count_if(event_type = 'page_view') AS views,
  count(DISTINCT session_id) AS unique_sessions,
  count(DISTINCT visitor_id) AS unique_visitors,
  count_if(event_type = 'link_click') AS clicks,
  CAST(count_if(event_type = 'link_click') AS double) / nullif(CAST(count_if(event_type = 'page_view') AS double), 0) AS ctr
FROM settled_events
WHERE dt = :dt AND outcome = 'counted' AND page_path IS NOT NULL
GROUP BY date_trunc('hour', occurred_at), page_path
ORDER BY 1, 2`,
  'hours-erased': `
-- Hours that hold events of someone to be erased, in raw files and settled runs alike.
WITH events AS (
  SELECT dt, hr, page_path, visitor_id, consented_id FROM raw_events WHERE dt BETWEEN :from_dt AND :to_dt
  UNION ALL
  SELECT dt, hr, page_path, visitor_id, consented_id FROM settled_events WHERE dt BETWEEN :from_dt AND :to_dt
)
SELECT dt, hr, count(*) AS events
FROM events
WHERE contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('page:' || coalesce(page_path, '')))))
  OR contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('visitor:' || coalesce(CAST(visitor_id AS varchar), '')))))
  OR contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('consented:' || coalesce(consented_id, '')))))
GROUP BY dt, hr
ORDER BY 1, 2`,
  'hours-ruled': `
-- Settled hours that a reclassification rule would change, or that it has changed.
SELECT dt, hr, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :from_dt AND :to_dt
  AND (
    outcome_rule LIKE 'settle.reclassified.' || :rule || '|%'
    OR (
      (:page = '' OR page_path = :page)
      AND (CASE :field
        WHEN 'asn' THEN CAST(asn AS varchar)
        WHEN 'bot' THEN bot_name
        WHEN 'rule' THEN outcome_rule
        WHEN 'referrer' THEN referrer_host
        WHEN 'country' THEN country
        WHEN 'browser' THEN browser
        WHEN 'visitor' THEN CAST(visitor_id AS varchar)
      END = :wanted OR (:field = 'rule' AND outcome_rule LIKE 'settle.%|' || :wanted))
    )
  )
GROUP BY dt, hr
ORDER BY 1, 2`,
  'ledger-examples': `
-- What the settled events of one outcome have in common, most frequent first.
SELECT
  outcome_rule, browser, bot_name, country, referrer_host, max(local_hour) AS last_hour, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to
  AND page_path = :page AND (:link = '' OR link_id = :link) AND outcome = :outcome
GROUP BY outcome_rule, browser, bot_name, country, referrer_host
ORDER BY events DESC, outcome_rule, browser, bot_name, country, referrer_host
LIMIT 25`,
  'link-performance': `
SELECT
  local_date AS "date", page_path, destination_url, link_id, link_title, campaign_id AS campaign,
  utm_source, utm_medium, utm_campaign, utm_term, utm_content,
  count(*) AS clicks, count(DISTINCT visitor_id) AS unique_clickers
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date = :date AND outcome = 'counted' AND event_type = 'link_click'
GROUP BY local_date, page_path, destination_url, link_id, link_title, campaign_id,
  utm_source, utm_medium, utm_campaign, utm_term, utm_content
ORDER BY 1, 2, 3`,
  'page-events': `
-- A page's events, for export. Erased and failed events are not among them.
SELECT {{columns}}
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND page_path = :page
ORDER BY occurred_at, event_id`,
  'rule-effect': `
-- A page's settled events by what they are now and whether a reclassification rule fits them, and in one row without
-- outcome the hours that hold an event which the rule would change. An event that settle named a duplicate keeps its name
-- when it would count: it would be a duplicate again.
WITH judged AS (
  SELECT
    dt, hr, outcome, event_type,
    CASE WHEN CASE :field
      WHEN 'asn' THEN CAST(asn AS varchar)
      WHEN 'bot' THEN bot_name
      WHEN 'rule' THEN outcome_rule
      WHEN 'referrer' THEN referrer_host
      WHEN 'country' THEN country
      WHEN 'browser' THEN browser
      WHEN 'visitor' THEN CAST(visitor_id AS varchar)
    END = :wanted OR (:field = 'rule' AND outcome_rule LIKE 'settle.%|' || :wanted) THEN 1 ELSE 0 END AS fits
  FROM settled_events
  WHERE dt BETWEEN :from_dt AND :to_dt AND page_path = :page AND outcome <> 'failed'
)
SELECT
  outcome, event_type, CAST(fits AS bigint) AS fits, count(*) AS events,
  count(DISTINCT CASE WHEN fits = 1 AND outcome <> :becomes AND NOT (:becomes = 'counted' AND outcome = 'duplicate')
    THEN dt || hr END) AS hours
FROM judged
GROUP BY GROUPING SETS ((outcome, event_type, fits), ())
ORDER BY 1, 2, 3`,
  'settle-events': `
-- One hour of events, settled: distinct by event_id, without the erased, reclassified, duplicates named, sessions given.
-- Sources are the hour's raw files and its present run, so it holds after raw has been deleted. Of the hour before it
-- needs the tail only: repeats within seconds and sessions within 30 minutes.
-- A rule decided here keeps what it replaced: \`settle.<rule>|<outcome before>|<rule before>\`.
-- Repeat keys stay in the raw files, which outlive the salts that made them; a run keeps them for its tail, and for the
-- whole hour where raw files are gone before their time. Without its key, a duplicate stays one.
-- Sessions of the tracker are even numbers, derived ones odd: a later run derives the odd ones again.
WITH source AS (
  SELECT
    0 AS copy_rank, '' AS path, {{kept_columns}},
    CASE WHEN outcome_rule LIKE 'settle.%' THEN split_part(outcome_rule, '|', 2) ELSE outcome END AS base_outcome,
    CASE WHEN outcome_rule LIKE 'settle.%'
      THEN substr(outcome_rule, length(split_part(outcome_rule, '|', 1)) + length(split_part(outcome_rule, '|', 2)) + 3)
      ELSE outcome_rule END AS base_rule,
    CASE WHEN session_id % 2 = 0 THEN session_id END AS session_id,
    repeat_key, CASE WHEN outcome = 'duplicate' THEN 1 ELSE 0 END AS was_duplicate
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run
  UNION ALL
  SELECT
    1 AS copy_rank, "$path" AS path, {{kept_columns}},
    outcome AS base_outcome, outcome_rule AS base_rule, session_id - session_id % 2 AS session_id,
    repeat_key, 0 AS was_duplicate
  FROM raw_events
  WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
),
copies AS (
  SELECT
    *, max(repeat_key) OVER (PARTITION BY event_id) AS known_key,
    row_number() OVER (PARTITION BY event_id ORDER BY copy_rank, path, received_at, base_outcome) AS copy_number
  FROM source
  WHERE :erased_count = 0 OR NOT (
    contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('page:' || coalesce(page_path, '')))))
    OR contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('visitor:' || coalesce(CAST(visitor_id AS varchar), '')))))
    OR contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('consented:' || coalesce(consented_id, '')))))
  )
),
rules AS (
  SELECT
    split_part(line, chr(9), 1) AS rule_id, split_part(line, chr(9), 2) AS field, split_part(line, chr(9), 3) AS wanted,
    split_part(line, chr(9), 4) AS new_outcome, split_part(line, chr(9), 5) AS page
  FROM UNNEST(split(:rules, chr(10))) AS t(line)
),
ruled AS (
  SELECT copies.event_id, max(rules.rule_id) AS rule_id, max_by(rules.new_outcome, rules.rule_id) AS new_outcome
  FROM copies JOIN rules
    ON (rules.page = '' OR rules.page = copies.page_path)
    AND rules.wanted = CASE rules.field
      WHEN 'asn' THEN CAST(copies.asn AS varchar)
      WHEN 'bot' THEN copies.bot_name
      WHEN 'rule' THEN copies.base_rule
      WHEN 'referrer' THEN copies.referrer_host
      WHEN 'country' THEN copies.country
      WHEN 'browser' THEN copies.browser
      WHEN 'visitor' THEN CAST(copies.visitor_id AS varchar)
    END
  WHERE copies.copy_number = 1 AND copies.base_outcome <> 'failed'
  GROUP BY copies.event_id
),
classified AS (
  SELECT
    copies.*,
    coalesce(ruled.new_outcome, base_outcome) AS new_outcome,
    CASE WHEN ruled.rule_id IS NOT NULL AND ruled.new_outcome <> base_outcome
      THEN 'settle.reclassified.' || ruled.rule_id || '|' || base_outcome || '|' || base_rule
      ELSE base_rule END AS new_rule
  FROM copies LEFT JOIN ruled ON ruled.event_id = copies.event_id
  WHERE copies.copy_number = 1
),
attempts AS (
  SELECT event_id, known_key AS repeat_key, occurred_at, 1 AS in_hour
  FROM classified
  WHERE new_outcome = 'counted' AND known_key IS NOT NULL
  UNION ALL
  SELECT event_id, repeat_key, occurred_at, 0 AS in_hour
  FROM settled_runs
  WHERE dt = :before_dt AND hr = :before_hr AND run = :before_run
    AND outcome IN ('counted', 'duplicate') AND repeat_key IS NOT NULL
    AND occurred_at >= :hour - INTERVAL '1' SECOND * :window_longest
),
repeats AS (
  SELECT
    event_id, in_hour, occurred_at, repeat_key,
    lag(occurred_at) OVER (PARTITION BY repeat_key ORDER BY occurred_at, event_id) AS previous_at
  FROM attempts
),
duplicates AS (
  SELECT event_id FROM repeats
  WHERE in_hour = 1
    AND occurred_at <= previous_at + INTERVAL '1' SECOND * CASE WHEN repeat_key % 2 = 0 THEN :window_unknown ELSE :window_known END
  UNION ALL
  SELECT event_id FROM classified WHERE was_duplicate = 1 AND known_key IS NULL AND new_outcome = 'counted'
),
judged AS (
  SELECT
    classified.*,
    CASE WHEN duplicates.event_id IS NULL THEN new_outcome ELSE 'duplicate' END AS outcome,
    CASE WHEN duplicates.event_id IS NULL THEN new_rule
      ELSE 'settle.duplicate|' || base_outcome || '|' || base_rule END AS outcome_rule
  FROM classified LEFT JOIN duplicates ON duplicates.event_id = classified.event_id
),
visits AS (
  SELECT event_id, page_path, local_date, visitor_id, occurred_at, CAST(NULL AS bigint) AS known_session
  FROM judged
  WHERE outcome = 'counted' AND visitor_id IS NOT NULL AND session_id IS NULL
    AND page_path IS NOT NULL AND local_date IS NOT NULL
  UNION ALL
  SELECT event_id, page_path, local_date, visitor_id, occurred_at, session_id AS known_session
  FROM settled_runs
  WHERE dt = :before_dt AND hr = :before_hr AND run = :before_run
    AND outcome = 'counted' AND visitor_id IS NOT NULL AND session_id % 2 <> 0
    AND occurred_at >= :hour - INTERVAL '30' MINUTE
),
pauses AS (
  SELECT
    event_id, page_path, local_date, visitor_id, occurred_at, known_session,
    CASE WHEN occurred_at <= lag(occurred_at) OVER (PARTITION BY page_path, local_date, visitor_id ORDER BY occurred_at, event_id)
      + INTERVAL '30' MINUTE THEN 0 ELSE 1 END AS starts
  FROM visits
),
numbered AS (
  SELECT
    event_id, page_path, local_date, visitor_id, occurred_at, known_session,
    sum(starts) OVER (PARTITION BY page_path, local_date, visitor_id ORDER BY occurred_at, event_id) AS visit_number
  FROM pauses
),
sessions AS (
  SELECT
    event_id,
    first_value(coalesce(known_session, event_id - event_id % 2 + 1))
      OVER (PARTITION BY page_path, local_date, visitor_id, visit_number ORDER BY occurred_at, event_id) AS derived_session
  FROM numbered
)
SELECT
  {{judged_columns}}, judged.outcome, judged.outcome_rule,
  coalesce(judged.session_id, sessions.derived_session) AS session_id,
  CASE WHEN :keep_keys = 1 OR judged.occurred_at >= :hour + INTERVAL '1' HOUR - INTERVAL '1' SECOND * :window_longest
    THEN judged.known_key END AS repeat_key
FROM judged LEFT JOIN sessions ON sessions.event_id = judged.event_id
ORDER BY page_path, link_id, occurred_at, event_id`,
  'settle-expected': `
-- Distinct events that a new run of an hour must hold, and rows that erasure takes out.
WITH source AS (
  SELECT event_id, page_path, visitor_id, consented_id
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run
  UNION ALL
  SELECT event_id, page_path, visitor_id, consented_id
  FROM raw_events
  WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
),
marked AS (
  SELECT
    event_id,
    CASE WHEN :erased_count > 0 AND (
      contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('page:' || coalesce(page_path, '')))))
      OR contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('visitor:' || coalesce(CAST(visitor_id AS varchar), '')))))
      OR contains(split(:erased, chr(10)), to_hex(sha256(to_utf8('consented:' || coalesce(consented_id, '')))))
    ) THEN 1 ELSE 0 END AS erased
  FROM source
)
SELECT
  count(DISTINCT CASE WHEN erased = 0 THEN event_id END) AS events,
  coalesce(sum(erased), 0) AS erased
FROM marked`,
  'settle-read': `
-- Rows that the engine reads of each raw file of an hour, to be held against what the files promise.
SELECT "$path" AS path, count(*) AS rows_read
FROM raw_events
WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
GROUP BY "$path"`,
  'settle-written': `
-- What a new run holds, per local date, and a checksum of its tail: the hour after it depends on nothing else.
SELECT
  local_date,
  count(*) AS events,
  count(DISTINCT event_id) AS distinct_events,
  coalesce(sum(CASE WHEN outcome IN ('counted', 'duplicate') AND repeat_key IS NOT NULL
      AND occurred_at >= :hour_end - INTERVAL '1' SECOND * :window_longest
    THEN (event_id % 1000003) * (repeat_key % 1000003) ELSE 0 END), 0) AS repeats_tail,
  coalesce(sum(CASE WHEN outcome = 'counted' AND visitor_id IS NOT NULL AND session_id % 2 <> 0
      AND occurred_at >= :hour_end - INTERVAL '30' MINUTE
    THEN (event_id % 1000003) * (session_id % 1000003) ELSE 0 END), 0) AS sessions_tail
FROM settled_runs
WHERE dt = :dt AND hr = :hr AND run = :run
GROUP BY local_date`,
} as const;
export type SqlName = keyof typeof sqlText;
