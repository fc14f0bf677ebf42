-- The most frequent combinations of properties among the settled events of one outcome. A request for a code that does not
-- exist has the requested path.
SELECT
  outcome_rule, browser, bot_name, country, referrer_host, requested, max(local_hour) AS last_hour, count(*) AS events
FROM (
  SELECT
    outcome_rule, browser, bot_name, country, referrer_host, local_hour,
    CASE WHEN outcome_rule IN ('link.unknown', 'link.domain') THEN properties END AS requested
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to
    AND page_path = :page AND (:link = '' OR split_part(link_id, '~', 1) = :link) AND outcome = :outcome
) AS excluded
GROUP BY outcome_rule, browser, bot_name, country, referrer_host, requested
ORDER BY events DESC, outcome_rule, browser, bot_name, country, referrer_host, requested
LIMIT 25
