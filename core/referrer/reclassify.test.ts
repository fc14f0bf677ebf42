import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import { classifierVersion, referrerClasses } from '#schemas/event.ts';
import { reclassify, type StoredReferral } from './reclassify.ts';

const row: StoredReferral = {
  version: '1',
  host: '',
  class: 'other',
  name: '',
  source: '',
  medium: '',
  campaign: '',
  network: '',
  browser: '',
};

describe('reclassify', () => {
  it.each<[string, Partial<StoredReferral>, string, string]>([
    ['a host that is listed now', { host: 'gmx.net' }, 'email', 'GMX'],
    ['an app', { host: 'com.linkedin.android' }, 'social', 'LinkedIn'],
    ['a medium', { class: 'direct', medium: 'paid-social' }, 'paid', ''],
    ['a network of an unpaid click id', { class: 'direct', network: 'Facebook' }, 'social', 'Facebook'],
  ])('classifies %s', (_, values, kind, name) =>
    expect(reclassify({ ...row, ...values })).toEqual({ class: kind, name }),
  );
  it.each<[string, Partial<StoredReferral>]>([
    ['a row of the present rules', { host: 'gmx.net', version: String(classifierVersion) }],
    ['a page\u2019s own site', { host: 'gmx.net', class: 'internal' }],
    ['what a click id may have paid', { host: 'gmx.net', class: 'paid' }],
    ['a source that cannot know the referrer', { class: '' }],
    ['a host whose class depends on the path', { host: 'x.com', class: 'ai', name: 'Grok' }],
    ['a referrer that names no site', { class: 'other', browser: 'Instagram' }],
  ])('leaves %s', (_, values) => expect(reclassify({ ...row, ...values })).toBeUndefined());

  it('changes nothing the second time', () => {
    const stored = fc.record({
      version: fc.constant('1'),
      host: fc.constantFrom('', 'gmx.net', 'com.linkedin.android', 'example.org', 'x.com', 'webmail.example.org'),
      class: fc.constantFrom('', ...referrerClasses),
      name: fc.constantFrom('', 'X', 'GMX'),
      source: fc.constantFrom('', 'google', 'gmx', 'newsletter', 'unknown'),
      medium: fc.constantFrom('', 'cpc', 'social', 'email', 'unknown'),
      campaign: fc.constantFrom('', 'cross-network'),
      network: fc.constantFrom('', 'Google', 'Facebook', 'Yandex', 'unknown'),
      browser: fc.constantFrom('', 'Chrome', 'Instagram', 'Twitter'),
    });
    fc.assert(
      fc.property(stored, (before) => {
        const after = reclassify(before);
        if (after !== undefined) expect(reclassify({ ...before, ...after })).toBeUndefined();
      }),
    );
  });
});
