import { text, whole } from '#schemas/environment.ts';

export const environment = {
  LAKE_BUCKET: text,
  ROLLUPS_TABLE: text,
  /** Days for which hourly items are kept after their last write. */
  HOT_DAYS: whole,
  /** Days for which claims of raw files are kept: 5 more than the files. */
  MARKER_DAYS: whole,
};
