-- Rows that Athena reads of each raw file of an hour, to compare with the row counts in their keys.
SELECT "$path" AS path, count(*) AS rows_read
FROM raw_events
WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
GROUP BY "$path"
