import { freshness } from '#schemas/counters.ts';
import { type Bill, componentNames, monthlyBill, refusedBill } from '#core/cost/model.ts';
import { pricedRegion, prices } from '#core/cost/prices.ts';
import { taken } from '#core/cost/stack-shape.ts';
import { usualWorkload } from '#core/cost/workload.ts';
import { defineCommand } from '#cli/command.ts';
import { flag, optional, optionalWith, positiveNumber, wholeNumber } from '#cli/parameters.ts';
import { table } from '#cli/table.ts';

/** An idle stack, and three sizes. */
const usualSizes = [0, 1e6, 1e7, 1e8];

export const command = defineCommand({
  summary: 'Estimate the monthly bill of a stack at list prices',
  details: `Prints the bill of an idle month, without clicks and users, for 1, 10 and 100 million clicks, and for your own number.
docs/costs.md explains the formulas.
Free tiers are not included.`,
  options: {
    clicks: optional(positiveNumber, 'clicks a month'),
    links: optionalWith(wholeNumber(1, 1_000_000), 2000, 'links that get clicks'),
    pages: optionalWith(wholeNumber(1, 100_000), 100, 'pages that own the links'),
    viewers: optionalWith(wholeNumber(0, 1_000_000), 100, 'people who use the dashboard'),
    months: optionalWith(positiveNumber, 12, 'retention of settled events in months'),
    freshness: optionalWith(wholeNumber(freshness.least, freshness.most), freshness.usual, 'setting freshnessSeconds'),
    'web-acl': flag('with the managed web ACL (setting managedWebAcl)'),
    prices: flag('also print every price'),
    json: flag('one JSON object per number of clicks'),
  },
  run: (values, terminal) => {
    const {
      clicks,
      links,
      pages,
      viewers,
      months: monthsKept,
      freshness: freshnessSeconds,
      'web-acl': webAcl,
    } = values;
    const sizes = [...new Set([...usualSizes, ...(clicks ? [clicks] : [])])].sort((a, b) => a - b);
    function billOf(size: number, seconds: number): Bill {
      const chosen = { links, pages, monthsKept, freshnessSeconds: seconds, webAcl };
      return monthlyBill({ ...usualWorkload(size), ...chosen, viewers: size === 0 ? 0 : viewers });
    }
    const bills = sizes.map((size) => billOf(size, freshnessSeconds));
    if (values.json) {
      for (const bill of bills) terminal.print(JSON.stringify({ region: pricedRegion, ...bill }));
      return Promise.resolve(0);
    }
    terminal.print(billTable(bills));
    terminal.print(`\n${freshnessTable(sizes, billOf)}`);
    terminal.print(`\n${pollersTable(bills)}`);
    terminal.print(`\n${derivedTable(bills)}`);
    terminal.print(`\n${refusedTable(bills)}`);
    if (values.prices) terminal.print(`\n${priceTable()}`);
    terminal.print(
      `\nList prices of ${pricedRegion}, without free tiers; ${links} links, ${pages} pages, ${viewers} viewers, counted after ${freshnessSeconds} s.`,
    );
    return Promise.resolve(0);
  },
});

function billTable(bills: readonly Bill[]): string {
  return table(
    ['$ a month at clicks a month', ...bills.map(({ workload }) => count(workload.clicksPerMonth))],
    [
      ...componentNames
        .filter((name) => name !== 'web ACL' || bills.some(({ workload }) => workload.webAcl))
        .map((name) => [name, ...bills.map(({ components }) => money(components[name]))]),
      ['total', ...bills.map(({ total }) => money(total))],
      ['per million clicks', ...bills.map(({ total, workload }) => perMillion(total, workload.clicksPerMonth))],
    ],
  );
}

function perMillion(dollars: number, clicks: number): string {
  return clicks === 0 ? '–' : money((dollars / clicks) * 1e6);
}

/** The totals for some values of the setting `freshnessSeconds`. */
function freshnessTable(sizes: readonly number[], billOf: (size: number, seconds: number) => Bill): string {
  return table(
    ['$ a month, total, at freshnessSeconds', ...sizes.map(count)],
    [freshness.least, freshness.usual, freshness.most].map((seconds) => [
      String(seconds),
      ...sizes.map((size) => money(billOf(size, seconds).total)),
    ]),
  );
}

/** The totals for the pollers with which Lambda may poll a queue. */
function pollersTable(bills: readonly Bill[]): string {
  const { usual, fewest } = taken.pollers;
  return table(
    ['$ a month, total, at pollers a queue', ...bills.map(({ workload }) => count(workload.clicksPerMonth))],
    [usual, fewest].map((pollers) => [
      pollers === usual ? String(pollers) : `${pollers}, as Lambda may choose at low traffic`,
      ...bills.map(({ workload }) => money(monthlyBill({ ...workload, pollers }).total)),
    ]),
  );
}

function count(value: number): string {
  if (value === 0) return 'idle';
  return value >= 1e6 ? `${Number((value / 1e6).toPrecision(4))} M` : Math.round(value).toLocaleString('en-US');
}

function money(value: number): string {
  return value.toFixed(2);
}

function derivedTable(bills: readonly Bill[]): string {
  return table(
    ['derived from rate, window and skew', ...bills.map(({ workload }) => count(workload.clicksPerMonth))],
    [
      ['clicks a second, mean', ...bills.map(({ derived }) => rounded(derived.clicksPerSecond))],
      ['clicks per enrich batch (B)', ...bills.map(({ derived }) => rounded(derived.clicksPerBatch))],
      ['raw files per group', ...bills.map(({ derived }) => rounded(derived.filesPerGroup))],
      ['DynamoDB items written per click', ...bills.map(({ derived }) => rounded(derived.itemsPerClick))],
      ['catalog reads per click', ...bills.map(({ derived }) => rounded(derived.linkReadShare))],
      ['raw bytes per click', ...bills.map(({ derived }) => rounded(derived.rawBytesPerClick))],
    ],
  );
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function refusedTable(bills: readonly Bill[]): string {
  const refused = bills.map(({ workload }) => refusedBill(workload));
  return table(
    ['$ per million refused requests', ...bills.map(({ workload }) => count(workload.clicksPerMonth))],
    [
      ['to a link, kept as events', ...refused.map(({ link }) => money(link.kept))],
      ['to a link, only counted', ...refused.map(({ link }) => money(link.counted))],
      ['to /e, kept as events', ...refused.map(({ event }) => money(event.kept))],
      ['to /e, only counted', ...refused.map(({ event }) => money(event.counted))],
    ],
  );
}

function priceTable(): string {
  return table(
    ['price of', `$ in ${pricedRegion}`],
    Object.values(prices).map(({ unit, per, dollars }) => [
      per === 1 ? unit : `${per.toLocaleString('en-US')} ${unit}`,
      String(dollars),
    ]),
  );
}
