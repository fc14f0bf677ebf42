import { fc } from '#test/property.ts';
import { UAParser } from 'ua-parser-js';
import { expect, test } from 'vitest';
import { browserFamily, systemFamily } from './families.ts';
import { agentOf, plainDesktop } from './user-agent.ts';

test('browser and system names come from a bounded list, in any spelling of the sender', () => {
  expect(browserFamily('FIREFOX')).toBe('Firefox');
  expect(browserFamily('Mobile Safari')).toBe('Safari');
  expect(browserFamily('Frobnicator')).toBe('Other');
  expect(systemFamily('Mac OS')).toBe('macOS');
  expect(systemFamily('Chromium OS')).toBe('ChromeOS');
  expect([browserFamily(undefined), systemFamily(undefined)]).toEqual([null, null]);
});

test('no text of a sender becomes a new name', () => {
  const word = fc.constantFrom(
    'Mozilla/5.0',
    'fIrEfOx/1',
    'Linux',
    'xUbUnTu 9',
    'cHrOmE/9',
    'wv)',
    'Opera Mobilet',
    'Version/',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 8 })), { maxLength: 12 }), (words) => {
      const { browser, os } = agentOf(words.join(' '));
      for (const name of [browser, os])
        if (name !== null)
          expect(name === 'Other' || browserFamily(name) === name || systemFamily(name) === name).toBe(true);
    }),
  );
});

test.for([
  [
    'Mozilla/5.0 (iPhone; U; CPU iPhone 6_1_4 like Mac OS X; en-us) AppleWebKit/528.18 (KHTML, like Gecko) Mobile/7E18',
    'iOS',
    'mobile',
  ],
  [
    'Mozilla/5.0 (iPad compatibility; U; CPU iPhone OS 5_1_1 like Mac OS X; HW iPad1,1; de_de) AppleWebKit/525.18.1',
    'iOS',
    'tablet',
  ],
  ['Mozilla/5.0 (Windows; U; en-US) AppleWebKit/531.9 (KHTML, like Gecko) AdobeAIR/2.5.1', 'Windows', 'desktop'],
  [
    'Mozilla/5.0 (S60V5; U; en-us; NokiaC5-03) AppleWebKit/530.13 (KHTML, like Gecko) UCBrowser/8.7.0.218/50/352/UCWEB Mobile',
    'Symbian',
    'mobile',
  ],
] as const)('%s is %s', ([userAgent, os, deviceType]) => {
  expect(agentOf(userAgent)).toMatchObject({ os, deviceType });
});

test('a device or an app with a robot’s word in its name is not a robot', () => {
  const news =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 10_0_2 like Mac OS X) AppleWebKit/602.1.50 (KHTML, like Gecko) AppleNews/608.0.1 Version/2.0.1';
  const tv =
    'Mozilla/5.0 (Linux; GoogleTV 3.2; NSZ-GS7/GX70 Build/MASTER) AppleWebKit/534.24 (KHTML, like Gecko) Chrome/11.0.696.77 Safari/534.24';
  expect([agentOf(news).robot, agentOf(tv).robot]).toEqual([null, null]);
});

test('the parser has no device type for a plain desktop browser, so it is skipped', () => {
  fc.assert(
    fc.property(fc.stringMatching(plainDesktop), (userAgent) => {
      expect(new UAParser(userAgent).getDevice().type).toBeUndefined();
      expect(agentOf(userAgent).deviceType).toBe('desktop');
    }),
    { numRuns: 300 },
  );
});
