import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { countEvents } from '#core/aggregate/count-events.ts';
import { readEventColumns } from '#core/aggregate/event-columns.ts';
import { enrichEvent, unknownPage } from '#core/enrich/enrich-event.ts';
import { toParquet } from '#core/enrich/parquet-file.ts';
import { readMessage } from '#core/enrich/read-message.ts';
import { digestListing, emptyTail } from '#core/settle/dirty.ts';
import { buildFinalCounters, mergeDeltas, needsNeighbors } from '#core/settle/hourly-counters.ts';
import { hourAt, hourName, type UtcHour } from '#core/settle/hours.ts';
import { createRunIds } from '#core/settle/run-id.ts';
import { hmacKey } from '#core/visitors/hmac.ts';
import { createSalt } from '#core/visitors/identity.ts';
import { writeManifest } from '#jobs/settle/manifest.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { noRun } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import type { EventRow } from '#schemas/event.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { createPartitions } from '#stores/lake/glue-partitions.ts';
import { createLake } from '#stores/lake/lake.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import type { LocalStack } from '../stack.ts';
import { cityOf } from './demo-people.ts';
import { siteOf, type TrackedPage, type TrafficHour } from './demo-traffic.ts';

interface DemoHour {
  hour: UtcHour;
  rows: EventRow[];
  /** Folder of its rows in the lake. */
  run: string;
}

/**
 * Writes hours as settle leaves them, with their counters and without raw files: settling 700 hours of a month one by one would
 * take minutes. Days, top lists and views are settle's own work, from the marks that these hours leave.
 */
export function openHours(stack: LocalStack, pages: readonly TrackedPage[], { hotDays }: { hotDays: number }) {
  const { clientOptions, outputs } = stack;
  const dynamodb = new DynamoDBClient(clientOptions('dynamodb'));
  const s3 = new S3Client({ ...clientOptions('s3'), forcePathStyle: true });
  const glue = new GlueClient(clientOptions('glue'));
  const bucket = outputs.LakeBucket;
  const state = createSettleState({ client: dynamodb, table: outputs.CatalogTable, now: Date.now });
  const lake = createLake({ client: s3, bucket });
  const partitions = createPartitions({ client: glue, database: outputs.GlueDatabase });
  const rollups = createSettledRollups({
    client: dynamodb,
    table: outputs.RollupsTable,
    now: Date.now,
    hotDays,
    // All of an hour: six pages, their links and the stack.
    entitiesAtOnce: 33,
  });
  const nextRun = createRunIds({ now: Date.now, random: randomBytes });
  const zones = new Map(pages.map(({ page }) => [page.path, page.timeZone]));
  const withMembers = new Set(pages.filter(({ page }) => page.members).map(({ page }) => page.path));
  const salt = createSalt(hmacKey(randomBytes(32)));
  const context = {
    geography: () => null,
    settingsOf: (page: string | null) => ({
      ...unknownPage,
      timeZone: zones.get(page ?? '') ?? 'UTC',
      identities: withMembers.has(page ?? '') ? ('identified' as const) : ('none' as const),
      ownHosts: new Set(page === null ? [] : [new URL(siteOf({ path: page })).host]),
    }),
    saltOf: () => salt,
  };

  function toRow(message: ClickMessage) {
    const record = { messageId: message.id, body: JSON.stringify(message), sentAt: message.receivedAt };
    const { row } = enrichEvent(readMessage(record), context);
    // Only the geolocation database knows cities, and it takes 134 MB.
    return { ...row, city: cityOf(message.address) };
  }

  /** Writes an hour's run and its counters. Returns whether all of them are final. */
  async function writeHour({ hour, rows, run }: DemoHour, closedThrough: number): Promise<boolean> {
    const bytes = toParquet(rows);
    await Promise.all([
      lake.put(`${runFolder(hour, run)}demo`, bytes),
      writeManifest({ lake }, hour, { run, previous: noRun, files: [], unreadable: [] }),
    ]);
    await state.commitHour({
      ...hour,
      run,
      previous: noRun,
      listing: digestListing([]),
      head: emptyTail,
      tail: emptyTail,
      events: rows.length,
      files: 0,
      localDates: localDatesOf([rows]),
      unreadable: [],
      purge: false,
      erased: 0,
      settledAt: Date.now(),
    });
    const deltas = mergeDeltas(countEvents(await readEventColumns(bytes)));
    const { finals } = buildFinalCounters(hour, deltas.values(), deltas, closedThrough);
    await rollups.writeFinals(finals, nextRun());
    return !needsNeighbors(deltas.values());
  }

  return {
    /** Writes the hours of a UTC date that are missing. */
    writeDate: async (dt: string, date: readonly TrafficHour[], closedThrough: number): Promise<void> => {
      const known = new Set((await state.hoursOfDate(dt)).map(hourName));
      const hours = date
        .filter(({ start, messages }) => messages.length > 0 && !known.has(hourName(hourAt(start))))
        .map(({ start, messages }) => ({ hour: hourAt(start), rows: messages.map(toRow), run: nextRun() }));
      await state.addWork('traffic', [dt]);
      await state.addWork('dates', [...new Set([...localDatesOf(hours.map(({ rows }) => rows)), dt])]);
      await state.addWork(
        'hours',
        hours.map(({ hour }) => hourName(hour)),
      );
      const final: string[] = [];
      await forEachConcurrently(hours, hoursAtOnce, async (each) => {
        if (await writeHour(each, closedThrough)) final.push(hourName(each.hour));
      });
      await partitions.create(
        settledTables.events.name,
        hours.map(({ hour, run }) => ({
          values: [hour.dt, hour.hr],
          location: `s3://${bucket}/${runFolder(hour, run)}`,
        })),
      );
      // A settle that ran meanwhile may have seen half of the date.
      await state.addWork('traffic', [dt]);
      // The counters of a local hour that lies in two hours are settle's work.
      await state.removeWork('hours', final);
    },
    close: () => [dynamodb, s3, glue].forEach((client) => client.destroy()),
  };
}

const hoursAtOnce = 4;

function localDatesOf(hours: readonly EventRow[][]): string[] {
  return [...new Set(hours.flat().flatMap(({ local_date }) => local_date ?? []))];
}
