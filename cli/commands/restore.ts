import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { defineCommand } from '#cli/command.ts';
import { UsageError } from '#cli/errors.ts';
import { flag, type Kind, optionalWith, repeated, required, text } from '#cli/parameters.ts';
import { restoreItems, rollupsPasses } from '#stores/dynamodb/restore-items.ts';
import { findStack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';

const tables = { catalog: 'CatalogTable', rollups: 'RollupsTable' } as const;
const tableKind: Kind<keyof typeof tables> = {
  hint: '<catalog|rollups>',
  allowed: 'catalog or rollups',
  parse: (value) => (value === 'catalog' || value === 'rollups' ? value : undefined),
};

export const command = defineCommand({
  summary: 'Write items of a restored copy back into a table of the stack',
  details: `DynamoDB restores a backup into a new table. This writes back what the stack's table no longer has, and deletes nothing, so
traffic may continue. Items that expired, or belong to a page that was erased since, are left out. What was deleted on
purpose since the copy comes back too: run it with --dry-run first, and name what you need with --only.
docs/operations.md describes the whole way.`,
  options: {
    from: required(text('<table>'), 'name of the table that holds the copy'),
    into: optionalWith(tableKind, 'catalog', 'table of the stack'),
    only: repeated(text('<prefix>'), 'only items whose partition key begins so, such as link# or page#/ada'),
    replace: flag('with --only: also replace items that have changed since'),
    'dry-run': flag('change nothing'),
  },
  run: async ({ stack: name, from, into, only, replace, 'dry-run': dryRun }, terminal) => {
    if (replace && only.length === 0)
      throw new UsageError('`--replace` needs `--only`: older records of settle would point to files that are gone');
    const stack = await findStack(name, terminal);
    const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
    const kinds = await restoreItems({
      client,
      from,
      into: stack.outputs[tables[into]],
      catalog: stack.outputs.CatalogTable,
      only,
      replace,
      dryRun,
      now: terminal.now,
      ...(into === 'rollups' && { passes: rollupsPasses }),
    });
    const rows = [...kinds].toSorted(([a], [b]) => a.localeCompare(b));
    terminal.print(
      table(
        ['items', 'missing', 'changed', 'same', 'erased'],
        rows.map(([kind, { missing, changed, same, erased }]) => [
          kind,
          ...[missing, changed, same, erased].map(String),
        ]),
      ),
    );
    const written = rows.reduce((sum, [, { missing, changed }]) => sum + missing + (replace ? changed : 0), 0);
    terminal.print(dryRun ? `would write ${written} items` : `wrote ${written} items`);
    return 0;
  },
});
