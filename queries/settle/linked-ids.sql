-- Ids that a person had before: those that events with the person's id name, and no event with another's.
WITH events AS (
  SELECT consented_id, anonymous_id FROM raw_events
  WHERE dt BETWEEN :raw_from_dt AND :raw_to_dt AND anonymous_id IS NOT NULL
  UNION ALL
  SELECT consented_id, anonymous_id FROM settled_events
  WHERE dt BETWEEN :from_dt AND :to_dt AND anonymous_id IS NOT NULL
)
SELECT anonymous_id
FROM events
WHERE anonymous_id IN (SELECT anonymous_id FROM events WHERE consented_id = :id)
GROUP BY anonymous_id
HAVING count(DISTINCT consented_id) = 1
ORDER BY 1
LIMIT :most
