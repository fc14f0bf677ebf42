import type { Stats } from '#schemas/api.ts';

/** One value of a breakdown with its totals. */
export type Row = Stats['breakdowns']['country'][number];
