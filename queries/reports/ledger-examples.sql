-- The most frequent combinations of properties among the settled events of one outcome.
SELECT
  outcome_rule, browser, bot_name, country, referrer_host, max(local_hour) AS last_hour, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to
  AND page_path = :page AND (:link = '' OR link_id = :link) AND outcome = :outcome
GROUP BY outcome_rule, browser, bot_name, country, referrer_host
ORDER BY events DESC, outcome_rule, browser, bot_name, country, referrer_host
LIMIT 25
