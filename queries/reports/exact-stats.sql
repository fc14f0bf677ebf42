-- All events of a page or a link by local hour, type and outcome, for `exact=true`.
SELECT local_hour, event_type, outcome, count(*) AS events
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to
  AND CASE WHEN :kind = 'page' THEN page_path ELSE link_id END = :name
GROUP BY local_hour, event_type, outcome
ORDER BY 1, 2, 3
