import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

if (import.meta.main) writeFileSync(new URL('text.ts', import.meta.url), generate());

/**
 * Copies the SQL files into `text.ts`, because a Lambda bundle holds modules and no other files. A test fails when
 * the two differ. Run `node queries/generate.ts` after a change.
 */
export function generate(): string {
  const names = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  const entries = names.map((file) => {
    const sql = readFileSync(new URL(file, import.meta.url), 'utf8').trimEnd();
    return `  '${file.slice(0, -'.sql'.length)}': \`\n${sql.replace(/[\\`]|\$\{/g, '\\$&')}\`,\n`;
  });
  return [
    '// Written by queries/generate.ts from the SQL files beside it.\n',
    `export const sqlText = {\n${entries.join('')}} as const;\n`,
    'export type SqlName = keyof typeof sqlText;\n',
  ].join('');
}
