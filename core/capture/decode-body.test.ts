import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { jsonLevels } from '#core/json-depth.ts';
import { captureLimits, decodeBody } from './decode-body.ts';

const event = { event: 'signup', properties: { title: 'Ünïcode ☕ + & =' } };
const text = JSON.stringify(event);
function form(data: string): Buffer {
  return Buffer.from(new URLSearchParams({ data }).toString());
}

describe('a body', () => {
  it.each([
    ['JSON', Buffer.from(text)],
    ['gzip of JSON', gzipSync(text)],
    ['a form with JSON', form(text)],
    ['a form with base64', form(Buffer.from(text).toString('base64'))],
    ['a form whose plus signs are not escaped', Buffer.from(`data=${Buffer.from(text).toString('base64')}`)],
    ['a form with base64 of gzip', form(gzipSync(text).toString('base64'))],
    ['gzip of a form', gzipSync(form(text))],
  ])('may be %s', (_name, raw) => {
    expect(decodeBody(raw)).toEqual({ kind: 'json', json: event });
  });

  it('may be empty', () => {
    expect(decodeBody(Buffer.alloc(0))).toEqual({ kind: 'json', json: undefined });
  });

  it.each([
    ['text', Buffer.from('hello'), 'JSON, or a form with JSON in `data`'],
    ['JSON that is cut', Buffer.from(text.slice(0, -1)), 'JSON, or a form with JSON in `data`'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'UTF-8 text, or gzip of it'],
    ['gzip of invalid UTF-8', gzipSync(Buffer.from([0x22, 0xff, 0x22])), 'UTF-8 text, or gzip of it'],
    ['gzip that is cut', gzipSync(text).subarray(0, -9), 'gzip that is complete'],
    ['base64 of bytes', form(Buffer.from([0xff, 0xfe]).toString('base64')), 'base64 of UTF-8 text'],
  ])('cannot be %s', (_name, raw, allowed) => {
    expect(decodeBody(raw)).toMatchObject({ kind: 'unreadable', allowed });
  });
});

describe('the limits', () => {
  function filled(bytes: number): Buffer {
    return Buffer.from(JSON.stringify('x'.repeat(bytes - 2)));
  }

  it('are 1 MB, at it and past it', () => {
    expect(decodeBody(filled(captureLimits.bytes)).kind).toBe('json');
    expect(decodeBody(filled(captureLimits.bytes + 1)).kind).toBe('large');
  });

  it('are 1 MB without compression', () => {
    const noise = Array.from({ length: 40_000 }, (_each, index) => (index * 7919) % 65_521).join(' ');
    const most = Buffer.from(JSON.stringify(noise.repeat(5).slice(0, captureLimits.bytes - 2)));
    expect(most).toHaveLength(captureLimits.bytes);
    expect(decodeBody(gzipSync(most)).kind).toBe('json');
    expect(decodeBody(gzipSync(Buffer.concat([most, Buffer.from(' ')]))).kind).toBe('large');
  });

  it.each([
    [jsonLevels, 'json'],
    [jsonLevels + 1, 'unreadable'],
    [400_000, 'unreadable'],
  ])('are 100 levels: %i are %s', (levels, kind) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const depth = Math.min(levels, Math.floor((captureLimits.bytes - 1) / (open.length + 1)));
      expect(decodeBody(Buffer.from(`${open.repeat(depth)}1${close.repeat(depth)}`)).kind).toBe(kind);
    }
  });

  it('are 100 bytes for each compressed byte', () => {
    const bomb = gzipSync(filled(500_000));
    expect(bomb.length * captureLimits.ratio).toBeLessThan(500_000);
    expect(decodeBody(bomb)).toMatchObject({ kind: 'large' });
  });
});
