import { text, whole } from '#schemas/environment.ts';

export const environment = {
  LAKE_BUCKET: text,
  ROLLUPS_TABLE: text,
  /** Days that hourly items live after their last write. */
  HOT_DAYS: whole,
  /** Days that markers live: as long as raw files plus 5. */
  MARKER_DAYS: whole,
};
