-- Settled hours that any of some reclassification rules would change or has changed.
WITH rules AS (
  SELECT
    split_part(line, chr(9), 1) AS rule_id, split_part(line, chr(9), 2) AS field, split_part(line, chr(9), 3) AS wanted,
    split_part(line, chr(9), 5) AS page
  FROM UNNEST(split(:rules, chr(10))) AS t(line)
)
SELECT dt, hr
FROM settled_events JOIN rules
  ON settled_events.outcome_rule LIKE 'settle.reclassified.' || rules.rule_id || '|%'
  OR (
    (rules.page = '' OR settled_events.page_path = rules.page)
    AND (
      {{settled_rule_value}} = rules.wanted
      OR (rules.field = 'rule' AND {{settled_ruled_before}})
    )
  )
WHERE dt BETWEEN :from_dt AND :to_dt
GROUP BY dt, hr
ORDER BY 1, 2
