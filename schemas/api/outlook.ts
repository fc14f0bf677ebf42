import { z } from 'zod';
import { episodeSchema, pageForecastSchema } from '../alerts.ts';
import { listingOf, listQuery } from './listing.ts';

/** `GET /pages/{page}/anomalies`: alerts of the page, newest first. */
export const anomaliesQuerySchema = z.strictObject(listQuery);
export const anomaliesSchema = listingOf(episodeSchema).meta({ id: 'Anomalies' });

/** `GET /pages/{page}/forecast`: null before the first forecast. */
export const forecastSchema = z.object({ forecast: pageForecastSchema.nullable() }).meta({ id: 'Forecast' });
