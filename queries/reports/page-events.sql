-- All settled events of a page, for export.
SELECT {{export_columns}}
FROM settled_events
WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND page_path = :page
ORDER BY occurred_at, event_id
