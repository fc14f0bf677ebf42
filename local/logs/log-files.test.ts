import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compilePattern, createLogsService } from '../aws/json-services.ts';
import { createLineWriter } from '../functions/stdout-to-file.ts';
import { createLogFiles } from './log-files.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-logs-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function at(time: string): number {
  return Date.parse(`2026-11-22T${time}Z`);
}

describe('log files', () => {
  it('hold each whole line with its time, in files of a quarter of an hour', () => {
    const logs = createLogFiles(path.join(directory, 'a'));
    let now = at('07:14:59');
    const write = createLineWriter(
      logs.directoryOf('/group'),
      () => now,
      () => undefined,
    );
    write('one\ntw');
    now = at('07:15:00');
    write('o\n');
    write(Buffer.from('three\n'));
    expect(readdirSync(logs.directoryOf('/group')).sort()).toEqual(['20261122T0700.log', '20261122T0715.log']);
    expect(logs.read('/group', 0, at('08:00:00'))).toEqual([
      { timestamp: at('07:14:59'), message: 'one' },
      { timestamp: at('07:15:00'), message: 'two' },
      { timestamp: at('07:15:00'), message: 'three' },
    ]);
    expect(logs.read('/group', at('07:15:00'), at('07:30:00')).map(({ message }) => message)).toEqual(['two', 'three']);
    logs.expire('/group', at('07:15:00'));
    expect(logs.read('/group', 0, at('08:00:00')).map(({ message }) => message)).toEqual(['two', 'three']);
  });

  it('are paged by FilterLogEvents', async () => {
    const logs = createLogFiles(path.join(directory, 'b'));
    const write = createLineWriter(
      logs.directoryOf('g'),
      () => at('07:00:00'),
      () => undefined,
    );
    write('{"message":"request","id":"1"}\nplain "message":"request"\n{"message":"request","id":"2"}\n');
    const service = createLogsService(logs, () => at('07:30:00'));
    const order = { logGroupName: 'g', filterPattern: '{ $.message = "request" }', limit: 1 };
    const first = await service('FilterLogEvents', order);
    expect(first).toMatchObject({ events: [{ message: '{"message":"request","id":"1"}' }], nextToken: '1' });
    const second = await service('FilterLogEvents', { ...order, nextToken: '1' });
    expect(second).toMatchObject({ events: [{ message: '{"message":"request","id":"2"}' }] });
    expect(second).not.toHaveProperty('nextToken');
  });

  it.each([
    ['', 'anything', true],
    ['"click.unsent"', '{"message":"click.unsent"}', true],
    ['"click.unsent"', '{"message":"request"}', false],
    ['{ $.a.b = "c" }', '{"a":{"b":"c"}}', true],
    ['{ $.a.b = "c" }', 'not json', false],
    ['{ ($.a = "b") || ($.a = "c") }', '{"a":"c"}', true],
    ['{ ($.a = "b") || ($.a = "c") }', '{"a":"d"}', false],
  ])('pattern %s and line %s', (pattern, line, matches) => {
    expect(compilePattern(pattern)(line)).toBe(matches);
  });

  it('refuses a pattern that it would only guess at', () => {
    expect(() => compilePattern('{ $.a > 3 }')).toThrow('not supported');
    expect(() => compilePattern('{ ($.a = "b") || ($.a > 3) }')).toThrow('not supported');
  });
});
