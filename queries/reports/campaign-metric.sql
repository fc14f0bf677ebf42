-- Measures of a custom metric on one page and campaign, by local date. A click belongs to the campaign that its link had when it was
-- clicked; any other event to that of the link which its visit clicked last before it, as conversions do in `day-campaigns.sql`.
WITH visits AS (
  SELECT
    settled_events.*,
    CASE
      WHEN event_type = 'link_click' AND link_id IS NOT NULL THEN {{campaign_label}}
      WHEN session_id IS NOT NULL THEN {{brought_by_campaign}}
    END AS campaign
  FROM settled_events
  WHERE dt BETWEEN :first_dt AND :last_dt AND local_date BETWEEN :from AND :to AND outcome = 'counted'
    AND page_path IN (:pages)
),
chosen AS (
  SELECT page_path, local_date, visitor_id, session_id, :conditions
  FROM visits
  WHERE campaign = :label
)
SELECT page_path, local_date, :sums AS measures
FROM chosen
GROUP BY page_path, local_date
ORDER BY page_path, local_date
