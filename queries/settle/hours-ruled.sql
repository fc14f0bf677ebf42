-- Settled hours that a reclassification rule would change or has changed.
SELECT dt, hr, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :from_dt AND :to_dt
  AND (
    outcome_rule LIKE 'settle.reclassified.' || :rule || '|%'
    OR (
      (:page = '' OR page_path = :page)
      AND ({{rule_value}} = :wanted OR (:field = 'rule' AND {{ruled_before}}))
    )
  )
GROUP BY dt, hr
ORDER BY 1, 2
