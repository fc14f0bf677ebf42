-- All events of a settled hour by type and outcome: retention compares them with the counters before it deletes.
SELECT event_type, outcome, count(*) AS events
FROM settled_events
WHERE dt = :dt AND hr = :hr
GROUP BY event_type, outcome
ORDER BY 1, 2
