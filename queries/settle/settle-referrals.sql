-- The combinations of what an hour's rows hold about their referrers, the most frequent first. What was decided by
-- something that no row holds is left out: internal, paid by a click id, and rows whose source cannot know the referrer.
WITH source AS (
  SELECT {{referral_columns}}, page_path, visitor_id, consented_id, anonymous_id, import_id
  FROM settled_runs
  WHERE dt = :dt AND hr = :hr AND run = :run
  UNION ALL
  SELECT {{referral_columns}}, page_path, visitor_id, consented_id, anonymous_id, import_id
  FROM raw_events
  WHERE dt = :dt AND hr = :hr AND "$path" NOT IN (:unreadable)
)
SELECT
  {{referral_values}}
FROM source
WHERE referrer_class NOT IN ('internal', 'paid') AND (:erased_count = 0 OR NOT {{is_erased}})
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
ORDER BY count(*) DESC, 1, 2, 3, 4, 5, 6, 7, 8, 9
LIMIT :most
