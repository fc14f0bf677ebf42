import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A pair of files in a folder: `name.in.json` and what must come of it, `name.out.json`. */
export interface GoldenFile {
  name: string;
  input: unknown;
  output: unknown;
}

/** Every pair of a folder under `test/golden/`. */
export function goldenFiles(folder: string): GoldenFile[] {
  const directory = join(import.meta.dirname, folder);
  return readdirSync(directory)
    .filter((file) => file.endsWith('.in.json'))
    .map((file) => ({
      name: file.replace('.in.json', ''),
      input: readJson(join(directory, file)),
      output: readJson(join(directory, file.replace('.in.json', '.out.json'))),
    }));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
