-- Measures of custom metrics by page and local date. Each is a condition and, for a sum, a number of the event; the result is one
-- text a page and date with the measures in order.
WITH chosen AS (
  SELECT page_path, local_date, visitor_id, session_id, :conditions
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND outcome = 'counted'
    AND page_path IN (:pages)
)
SELECT page_path, local_date, :sums AS measures
FROM chosen
GROUP BY page_path, local_date
ORDER BY page_path, local_date
