-- A page's settled events by what they are now and whether a reclassification rule fits them, and in one row without
-- outcome the hours that hold an event which the rule would change. An event that settle named a duplicate keeps its name
-- when it would count: it would be a duplicate again.
WITH evaluated AS (
  SELECT
    dt, hr, outcome, event_type,
    CASE WHEN {{rule_value}} = :wanted OR (:field = 'rule' AND outcome_rule LIKE 'settle.%|' || :wanted) THEN 1 ELSE 0 END AS fits
  FROM settled_events
  WHERE dt BETWEEN :from_dt AND :to_dt AND page_path = :page AND outcome <> 'failed'
)
SELECT
  outcome, event_type, CAST(fits AS bigint) AS fits, count(*) AS events,
  count(DISTINCT CASE WHEN fits = 1 AND outcome <> :becomes AND NOT (:becomes = 'counted' AND outcome = 'duplicate')
    THEN dt || hr END) AS hours
FROM evaluated
GROUP BY GROUPING SETS ((outcome, event_type, fits), ())
ORDER BY 1, 2, 3
