import type { Stats } from '#schemas/api.ts';

export type Measure = 'views' | 'clicks';
/** One value of a breakdown with its counts. */
export type Row = Stats['breakdowns']['country'][number];
