import { z } from 'zod';
import { dimensionNames, dimensions, recordOf } from '../dimensions.ts';

/** Query parameters that narrow stats, dashboards and ledgers: `?country=AT&city=Wien`; all must match. */
export const filterQuery = recordOf(dimensionNames, (name) =>
  z.string().min(1).max(253).optional().meta({ description: dimensions[name].description }),
);
