-- Rows that the engine reads of each raw file of an hour, to be held against what the files promise.
SELECT "$path" AS path, count(*) AS rows_read
FROM raw_events
WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
GROUP BY "$path"
