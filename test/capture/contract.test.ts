import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { expectedFile, replay } from './contract.ts';
import { recordingNames } from './recording.ts';

it.each(recordingNames)('%s: what each recorded request becomes', async (name) => {
  expect(await replay(name)).toEqual(JSON.parse(readFileSync(expectedFile(name), 'utf8')));
});
