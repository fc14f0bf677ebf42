import { expect, it } from 'vitest';
import { readTable } from '#core/imports/read-table.ts';
import { findHistory } from '#core/imports/tools.ts';
import { type CountedVisits, toPlausibleFiles } from './plausible.ts';

const range = { from: '2026-11-01', to: '2026-11-22' };

/** The first line of each file in Plausible's documentation, https://plausible.io/docs/csv-import. */
const documented: Readonly<Record<string, readonly string[]>> = {
  visitors: ['date', 'visitors', 'pageviews', 'bounces', 'visits', 'visit_duration'],
  sources:
    'date source referrer utm_source utm_medium utm_campaign utm_content utm_term pageviews visitors visits visit_duration bounces'.split(
      ' ',
    ),
  locations: 'date country region city visitors visits visit_duration bounces pageviews'.split(' '),
  devices: 'date device visitors visits visit_duration bounces pageviews'.split(' '),
  browsers: 'date browser browser_version visitors visits visit_duration bounces pageviews'.split(' '),
  operating_systems:
    'date operating_system operating_system_version visitors visits visit_duration bounces pageviews'.split(' '),
  custom_events: 'date name link_url path visitors events'.split(' '),
};

function visits(name: string, ...values: string[]): CountedVisits {
  const [value_1 = '', value_2 = '', value_3 = '', value_4 = '', value_5 = '', value_6 = '', value_7 = ''] = values;
  const row = { value_1, value_2, value_3, value_4, value_5, value_6, value_7 };
  return { name, local_date: '2026-11-02', ...row, visitors: 9, visits: 10, bounces: 4, seconds: 61, pageviews: 30 };
}

const numbers = { views: 30, clicks: 12, visitors: 9, sessions: 10, bounces: 4, milliseconds: 61_499 };
const data = {
  days: [
    { date: '2026-11-02', numbers },
    { date: '2026-11-03', numbers: {} },
  ],
  visits: [
    visits('sources', 'Instagram', 'instagram.com', 'ig', 'social', 'Spring "26"', 'a,b', '=1+1'),
    visits('locations', 'AT'),
    visits('devices', 'mobile'),
    visits('devices', 'tv'),
    visits('browsers', 'Chrome', '142'),
    visits('operating_systems', 'macOS'),
  ],
  events: [
    { local_date: '2026-11-02', name: 'Signup', link_url: '', visitors: 3, events: 4 },
    {
      local_date: '2026-11-02',
      name: 'Outbound Link: Click',
      link_url: 'https://shop.example/größe',
      visitors: 1,
      events: 1,
    },
  ],
};

it('names the files and their columns as the import format does', () => {
  const files = toPlausibleFiles(data, range);
  expect(files.map(({ name }) => name)).toEqual(
    Object.keys(documented).map((table) => `imported_${table}_20261101_20261122.csv`),
  );
  for (const { name, text } of files) {
    const columns = documented[/^imported_(\w+?)_\d{8}_\d{8}\.csv$/.exec(name)?.[1] ?? ''];
    const reading = readTable();
    reading.push(Buffer.from(text));
    const table = reading.end();
    expect(table.columns, name).toEqual(columns);
    expect(table.rows.every(({ cells }) => cells.length === columns?.length)).toBe(true);
  }
});

it('writes counts, whole seconds, and texts as they are', () => {
  const texts = toPlausibleFiles(data, range).map(({ text }) => text.split('\n').slice(1, -1));
  expect(texts).toEqual([
    ['"2026-11-02",9,30,4,10,61', '"2026-11-03",0,0,0,0,0'],
    ['"2026-11-02","Instagram","instagram.com","ig","social","Spring ""26""","a,b","=1+1",30,9,10,61,4'],
    ['"2026-11-02","AT","",0,9,10,61,4,30'],
    ['"2026-11-02","Mobile",9,10,61,4,30', '"2026-11-02","",9,10,61,4,30'],
    ['"2026-11-02","Chrome","142",9,10,61,4,30'],
    ['"2026-11-02","Mac","",9,10,61,4,30'],
    ['"2026-11-02","Signup","","",3,4', '"2026-11-02","Outbound Link: Click","https://shop.example/größe","",1,1'],
  ]);
});

it('writes no file without rows', () => {
  expect(toPlausibleFiles({ days: data.days, visits: [], events: [] }, range)).toHaveLength(1);
});

it('is recognized as history, not as links', () => {
  expect(findHistory(['date', 'visitors', 'pageviews', 'bounces', 'visits', 'visitduration'])).toBe(
    'daily numbers of Plausible',
  );
});
