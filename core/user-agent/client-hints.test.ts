import { describe, expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import { browserFamily, systemFamily } from './families.ts';
import { agentOf } from './user-agent.ts';

const chrome = agentName('Windows NT 10.0; Win64; x64');

function agentName(system: string, before = '', after = ''): string {
  return `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) ${before}Chrome/136.0.0.0 Safari/537.36${after}`;
}

function hints({ mobile = '?0', platform = '"Windows"', brand = 'Google Chrome' }): string {
  const brands = `"Not.A/Brand";v="99", "Chromium";v="136", "${brand}";v="21"`;
  return new URLSearchParams({
    'sec-ch-ua-mobile': mobile,
    'sec-ch-ua-platform': platform,
    'sec-ch-ua': brands,
  }).toString();
}

describe('client hints', () => {
  it.each([
    ['Google Chrome', chrome, 'Chrome', '136'],
    ['Brave', chrome, 'Brave', '21'],
    ['DuckDuckGo', chrome, 'DuckDuckGo', '21'],
    ['Microsoft Edge', chrome, 'Edge', '21'],
    ['Opera GX', chrome, 'Opera GX', '21'],
    ['Opera GX', agentName('Windows NT 10.0; Win64; x64', '', ' OPR/120.0'), 'Opera GX', '21'],
    ['Google Chrome', 'FrobnicatorApp/2 (a phone)', 'Chrome', '21'],
    ['Frobnicator', chrome, 'Chrome', '136'],
    ['Android WebView', agentName('Linux; Android 10; K'), 'Chrome WebView', '21'],
    ['Brave', agentName('Windows NT 10.0; Win64; x64', '', ' Vivaldi/7.0'), 'Vivaldi', '7'],
  ])('of %s', (brand, userAgent, browser, browserVersion) =>
    expect(agentOf(userAgent, hints({ brand }))).toMatchObject({ browser, browserVersion, robot: null }),
  );

  it.each([
    ['"Android"', '?1', 'X11; Linux x86_64', 'Android', 'mobile'],
    ['"Android"', '?0', 'X11; Linux x86_64', 'Android', 'tablet'],
    ['"Android"', '?0', 'Macintosh; Intel Mac OS X 10_15_7', 'Android', 'tablet'],
    ['"Linux"', '?0', 'X11; Linux x86_64', 'Linux', 'desktop'],
    ['"Chrome OS"', '?0', 'X11; Linux x86_64', 'ChromeOS', 'desktop'],
    ['"Windows"', '?1', 'Windows NT 10.0; Win64; x64', 'Windows', 'desktop'],
    ['"Windows"', '?0', 'Windows NT 10.0; Win64; x64; Xbox; Xbox One', 'Xbox', 'console'],
    ['"Linux"', '?0', 'X11; Ubuntu; Linux x86_64', 'Ubuntu', 'desktop'],
    ['"Linux"', '?0', 'Web0S; Linux/SmartTV', 'webOS', 'tv'],
    ['"Unknown"', '?0', 'Windows NT 10.0; Win64; x64', 'Windows', 'desktop'],
    ['"Android"', '?0', 'Linux; Android 13; SM-X200', 'Android', 'tablet'],
  ])('of the platform %s and %s with %s', (platform, mobile, system, os, deviceType) =>
    expect(agentOf(agentName(system), hints({ platform, mobile }))).toMatchObject({ os, deviceType }),
  );

  it('change no robot', () => {
    const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
    expect(agentOf(googlebot, hints({ brand: 'Brave' }))).toEqual(agentOf(googlebot));
  });

  it('are read at most once per text, up to 600 characters', () => {
    expect(agentOf(chrome, `x=${'y'.repeat(596)}&${hints({ brand: 'Brave' })}`).browser).toBe('Chrome');
    expect(agentOf(chrome, hints({ brand: 'Brave' }))).toBe(agentOf(chrome, hints({ brand: 'Brave' })));
  });

  it('make no new name, whatever they are', () =>
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(chrome, ''), (text, userAgent) => {
        const packed = hints({ platform: text, brand: text.replaceAll('"', ''), mobile: text });
        for (const hinted of [agentOf(userAgent, text), agentOf(userAgent, packed)])
          for (const name of [hinted.browser, hinted.os])
            if (name !== null)
              expect(name === 'Other' || browserFamily(name) === name || systemFamily(name) === name).toBe(true);
      }),
    ));
});
