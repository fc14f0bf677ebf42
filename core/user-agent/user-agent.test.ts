import { fc } from '#test/property.ts';
import { expect, test } from 'vitest';
import { browserFamily, systemFamily } from './families.ts';
import { plainBrowser, readPlainBrowser } from './plain-browser.ts';
import { programNameOf } from './program-name.ts';
import { agentOf, parseAgent, parseUnusual } from './user-agent.ts';

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

test('a plain browser is read as the parser reads it', () => {
  fc.assert(
    fc.property(fc.stringMatching(plainBrowser), (userAgent) => {
      fc.pre(readPlainBrowser(userAgent)?.hasModel !== true);
      expect(parseAgent(userAgent)).toEqual(parseUnusual(userAgent));
    }),
    { numRuns: 300 },
  );
});

test.for([
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'Safari',
    '18',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36',
    'Chrome',
    '136',
  ],
  ['Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0', 'Firefox', '121'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0',
    'Edge',
    '130',
  ],
] as const)('%s is plain', ([userAgent, browser, version]) => {
  expect(readPlainBrowser(userAgent)).toMatchObject({ browser, version, hasModel: false });
  expect(parseAgent(userAgent)).toEqual(parseUnusual(userAgent));
});

test('Chrome on Android is plain, but its model may be a tablet’s', () => {
  const userAgent =
    'Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36';
  expect(readPlainBrowser(userAgent)).toMatchObject({ browser: 'Chrome', hasModel: true });
  expect(agentOf(userAgent).deviceType).toBe('tablet');
});

test.for([
  ['Mozilla/5.0 (compatible; Screaming Frog SEO Spider/19.2)', 'Screaming Frog SEO Spider'],
  ['Domain Re-Animator Bot (http://domainreanimator.com) - support@domainreanimator.com', 'Domain Re-Animator Bot'],
  ['Mozilla/5.0 (compatible; OnCrawl/1.0; +http://www.oncrawl.com)', 'OnCrawl'],
  ['acme.sectigo.com/v2/DV', 'acme.sectigo'],
  ['got (https://github.com/sindresorhus/got)', 'got'],
  ['Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/60.0 (research@pdrlabs.org)', 'pdrlabs'],
  ['Mozilla/4.0 (compatible; grub-client-1.5.3; Crawl your own stuff with http://grub.org)', 'grub-client'],
  ['CaptiveNetworkSupport-407.0.1 wispr', 'CaptiveNetworkSupport'],
  ['Qwantify-prod34997/1.0', 'Qwantify'],
  ['NewsBlur Feed Fetcher - 3 subscribers - http://www.newsblur.com/', 'NewsBlur Feed Fetcher'],
  ['amazon-kendra-customer-id-1234-1234-1234', 'amazon-kendra-customer'],
  ['google25fb4b350b406d1e.html', 'Unnamed bot'],
  ['360%20Browser/3.1 CFNetwork/459 Darwin/10.0.0d3', '360 Browser'],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Google Web Preview) Chrome/27',
    'Google Web Preview',
  ],
  ['Mozilla/5.0 ()', 'Unnamed bot'],
] as const)('%s is named %s', ([userAgent, name]) => {
  expect(programNameOf(userAgent)).toBe(name);
});

test('a robot’s name is never part of an address, nor a browser’s', () => {
  const part = fc.constantFrom(
    'Mozilla/5.0',
    'https://bot.example/x',
    'www.bot.example',
    '(',
    ')',
    ';',
    'bot',
    'Chrome/1',
    'a@b.example',
    '+',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string({ maxLength: 6 })), { maxLength: 8 }), (parts) => {
      expect(programNameOf(parts.join(' '))).not.toMatch(/mozilla|https?:|www\.|@|[()]/i);
    }),
  );
});
