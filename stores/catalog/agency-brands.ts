import { type AgencyBrand, agencyBrandSchema } from '#schemas/catalog.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, isNew, type TableOptions } from '../dynamodb/table.ts';
import { catalogKeys } from './catalog-keys.ts';

export interface AgencyBrands {
  /** Returns undefined for an agency that shows nothing of its own. */
  get: (agency: string) => Promise<AgencyBrand | undefined>;
  /** Returns false if the stored brand is no longer `previous`; undefined if none was stored. */
  replace: (agency: string, brand: AgencyBrand, previous: AgencyBrand | undefined) => Promise<boolean>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createAgencyBrands(options: TableOptions): AgencyBrands {
  const table = createTable(options);
  return {
    get: async (agency) => {
      const item = await table.get(catalogKeys.agencyBrand(agency));
      return item && parseItem(agencyBrandSchema.strip(), item);
    },
    replace: (agency, brand, previous) =>
      table.putIf(
        toItem({ ...brand, ...catalogKeys.agencyBrand(agency) }),
        previous === undefined ? isNew : { expression: isUnchanged, values: previous },
      ),
  };
}

const isUnchanged = '#name = :name AND #logo = :logo AND #accent = :accent AND #poweredBy = :poweredBy';
