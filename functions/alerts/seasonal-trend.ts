import mstl from '../../node_modules/@bsull/augurs/mstl_bg.wasm';
import { loadSeasonalTrend } from '#core/forecast/models.ts';

/** The forecast's models, compiled when this module is first imported. */
export const seasonalTrend = loadSeasonalTrend(mstl);
