-- Settled hours that any of some reclassification rules would change or has changed: a row for each hour, without a rule,
-- and a row for each rule with its first and last hour.
WITH rules AS (
  SELECT
    split_part(line, chr(9), 1) AS rule_id, split_part(line, chr(9), 2) AS field, split_part(line, chr(9), 3) AS wanted,
    split_part(line, chr(9), 5) AS page
  FROM UNNEST(split(:rules, chr(10))) AS t(line)
)
SELECT rule_id, min(dt || 'T' || hr) AS first_hour, max(dt || 'T' || hr) AS last_hour
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
GROUP BY GROUPING SETS ((dt, hr), (rule_id))
ORDER BY 1, 2
