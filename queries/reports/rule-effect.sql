-- Settled events of a page by present outcome and by whether a reclassification rule matches. The row without an outcome
-- counts the hours with an event that the rule would change. A duplicate that the rule would count stays a duplicate.
WITH evaluated AS (
  SELECT
    dt, hr, outcome, event_type,
    CASE WHEN {{rule_value}} = :wanted OR (:field = 'rule' AND {{ruled_before}}) THEN 1 ELSE 0 END AS fits
  FROM settled_events
  WHERE dt BETWEEN :from_dt AND :to_dt AND page_path = :page AND outcome NOT IN ('failed', 'identify')
)
SELECT
  outcome, event_type, CAST(fits AS bigint) AS fits, count(*) AS events,
  count(DISTINCT CASE WHEN fits = 1 AND outcome <> :becomes AND NOT (:becomes = 'counted' AND outcome = 'duplicate')
    THEN dt || hr END) AS hours
FROM evaluated
GROUP BY GROUPING SETS ((outcome, event_type, fits), ())
ORDER BY 1, 2, 3
