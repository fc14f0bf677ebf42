import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import type { MailContent } from '#schemas/alerts.ts';
import { contrast } from '#schemas/link-page/page-theme.ts';
import { renderMail } from '../../mails/render-mail.tsx';
import {
  agencyMail,
  agencyMonthMail,
  digestMail,
  dropIncident,
  dropMail,
  hostileTitles,
  mailLinks,
  metricMail,
  metricRecoveryMail,
  monthlyMail,
  rateIncident,
  recoveryMail,
  unusualMail,
} from './mail-contents.ts';

const kinds: Readonly<Record<string, (title: string) => MailContent>> = {
  alert: dropMail,
  recovery: recoveryMail,
  'metric-alert': (title) => metricMail(title, `${title} 62% fewer views`),
  'metric-recovery': (title) => metricRecoveryMail(title, `${title} 62% fewer views`),
  digest: (title) => digestMail(title, title),
  monthly: (title) => monthlyMail(title, title),
  agency: agencyMail,
  'agency-monthly': agencyMonthMail,
};
const plain = { ...mailLinks, useful: null, notUseful: null };

/** As a reader sees it: without tags, marks of direction and doubled spaces. */
function seen(text: string): string {
  return text
    .replaceAll(/<style>.*?<\/style>|<[^>]*>|[\u2066-\u2069]/gs, '')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}

describe('every mail', () => {
  it.each(Object.entries(kinds))('%s says the same in both parts', async (_kind, make) => {
    const { html, text } = await renderMail(make('Ada Writes'), mailLinks);
    for (const part of [seen(html), seen(text)]) {
      expect(part).toContain('Ada Writes');
      expect(part).toMatch(/62% fewer views|6,830/);
    }
    for (const url of [mailLinks.dashboard, mailLinks.unsubscribe]) {
      expect(html).toContain(url);
      expect(text).toContain(url);
    }
  });

  it.each(Object.entries(kinds))('%s needs no image, no script and nothing from elsewhere', async (_kind, make) => {
    const { html } = await renderMail(make('Ada Writes'), plain);
    expect(html).not.toMatch(/<img|<script|<link|@import|url\(/);
  });

  it.each(Object.entries(kinds))('%s is small enough that Gmail shows all of it', async (_kind, make) => {
    const { html } = await renderMail(make(hostileTitles.endless), mailLinks);
    // Gmail cuts at 102 KB.
    expect(Buffer.byteLength(html)).toBeLessThan(60_000);
  });

  for (const [kind, make] of Object.entries(kinds))
    it.each(Object.entries(hostileTitles))(`${kind} shows a title of %s as text`, async (_name, title) => {
      const { subject, html, text } = await renderMail(make(title), plain);
      expect(html).not.toContain('<script>alert');
      expect(html).not.toContain('<img');
      for (const part of [subject, seen(html).replaceAll(/\s/g, ' ')])
        for (const control of ['\u202e', '\u0000']) expect(part).not.toContain(control);
      expect(subject).not.toMatch(/[\r\n]/);
      expect(subject.length).toBeLessThan(300);
      expect(text).not.toMatch(/\r|^Bcc:/m);
    });
});

it('a confirmation contains the path and no other text from users', async () => {
  const links = { ...plain, confirm: 'https://go.example/api/mail/confirm?token=abc.def' };
  const content: MailContent = { kind: 'confirmation', page: '/win-bitcoin.example', expires: 0 };
  const { subject, html, text } = await renderMail(content, links);
  expect(subject).toBe('Confirm your address for alerts from go.example');
  for (const part of [seen(html), seen(text)]) {
    expect(part).toContain('about go.example/@win-bitcoin.example.');
    expect(part).toContain('ignore this mail');
  }
  for (const url of [links.confirm, links.unsubscribe]) {
    expect(html).toContain(url);
    expect(text).toContain(url);
  }
  expect(html).not.toContain(links.dashboard);
});

it('renders any title as text', async () => {
  function outline(html: string): string {
    return html.replaceAll(/>[^<]*</g, '><').replaceAll(/ aria-label="[^"]*"/g, '');
  }
  const usual = outline((await renderMail(dropMail('x'), mailLinks)).html);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 120 }), async (title) => {
      const { html, subject } = await renderMail(dropMail(title), mailLinks);
      expect(outline(html)).toBe(usual);
      expect(subject).not.toMatch(/[\r\n\u202a-\u202e]/);
    }),
    { numRuns: 40 },
  );
});

it('says which metric is beyond which threshold, and since when', async () => {
  const { subject, html, text } = await renderMail(metricMail('Ada'), plain);
  expect(subject).toBe('Ada: Sales per click is below 5.0% for 2 weeks');
  for (const part of [seen(html), seen(text)]) {
    expect(part).toContain('Sales per click is below 5.0% for 2 weeks');
    expect(part).toContain('It was 4.3% in the week from Monday 9 November.');
    expect(part).toContain('Sales per click per week');
  }
  expect(text).toMatch(/> 9 Nov +█+.* 4\.3%/);
  expect(text).toMatch(/ {2}2 Nov +–/);
  expect(text).not.toContain('useful');
});

it('says how far an unusual metric is from what is usual', async () => {
  const { subject, text } = await renderMail(unusualMail('Ada'), plain);
  expect(subject).toBe('Ada: Sales per click is 61% below what is usual');
  expect(seen(text)).toContain('It was 4.3% on Monday 9 November. Expected: about 11.0%.');
  expect(seen(text)).toContain('You get one message when it is usual for three days again');
  const surge = await renderMail({ ...unusualMail('Ada'), value: 0.264 }, plain);
  expect(surge.subject).toBe('Ada: Sales per click is 2.4 times what is usual');
  const fromNothing = await renderMail({ ...unusualMail('Ada'), expected: 0 }, plain);
  expect(fromNothing.subject).toBe('Ada: Sales per click is unusual');
});

it('says when a metric is within its threshold again', async () => {
  const { subject, html, text } = await renderMail(metricRecoveryMail('Ada'), plain);
  expect(subject).toBe('Ada: Sales per click is back within its threshold');
  for (const part of [seen(html), seen(text)]) {
    expect(part).toContain('It was 6.2% in the week from Monday 16 November.');
    expect(part).toContain('The alert opened in the week from Monday 9 November: below 5.0% for 2 weeks.');
  }
  const rule = { when: 'unusual', period: 'day', periods: 1 } as const;
  expect((await renderMail({ ...metricRecoveryMail('Ada'), rule }, plain)).subject).toBe(
    'Ada: Sales per click is back to normal',
  );
});

it('has the numbers of campaigns so far', async () => {
  for (const content of [digestMail('Ada', 'Spring'), monthlyMail('Ada', 'Spring')]) {
    const { html, text } = await renderMail(content, plain);
    for (const part of [seen(html), seen(text)]) expect(part).toMatch(/Campaigns so far.*Spring.*€12\.50/);
  }
});

it('lists the other incidents of the day', async () => {
  const { html, text } = await renderMail(dropMail('Ada', {}, [rateIncident]), plain);
  const also = 'Also: Click-through rate down 60% since 16 Nov: 3.2%, 8.0% expected.';
  for (const part of [seen(html), seen(text)]) expect(part).toContain(also);
  expect(seen((await renderMail(dropMail('Ada'), plain)).text)).not.toContain('Also:');
});

it('sums up broken links, and names the first of them', async () => {
  const broken = Array.from({ length: 8 }, (_, at) => ({
    code: `l${at}`,
    title: at === 0 ? 'Spring merch' : '',
    url: `https://shop.example/${at}`,
    problem: 'returns HTTP 404',
  }));
  const { html, text } = await renderMail(dropMail('Ada', { broken }), plain);
  for (const part of [seen(html), seen(text)]) {
    expect(part).toContain('8 links are broken');
    expect(part).toContain('Spring merch (/l0)');
    expect(part).toContain('/l2');
    expect(part).not.toContain('/l3');
    expect(part).toMatch(/and 5 more in the dashboard/i);
  }
});

describe('a weekly summary', () => {
  async function partsOf(changes: Partial<ReturnType<typeof digestMail>>) {
    const { subject, html, text } = await renderMail({ ...digestMail('Ada'), pace: null, ...changes }, plain);
    return { subject: seen(subject), parts: [seen(html), seen(text)] };
  }

  it('counts clicks on a page whose links are followed directly', async () => {
    const { subject, parts } = await partsOf({
      totals: { views: 0, clicks: 304 },
      previous: { views: 0, clicks: 200 },
    });
    expect(subject).toBe('Ada: 304 clicks this week');
    for (const part of parts) {
      expect(part).toContain('Clicks per day');
      expect(part).toMatch(/Clicks:? ?304 ?\(?\+52%/);
      expect(part).not.toMatch(/views|click rate/i);
    }
  });

  it('names the views of such a page, too, without a rate above 100%', async () => {
    const { subject, parts } = await partsOf({ totals: { views: 1, clicks: 1834 }, previous: null });
    expect(subject).toBe('Ada: 1,834 clicks this week');
    for (const part of parts) {
      expect(part).toMatch(/Clicks:? ?1,834/);
      expect(part).toMatch(/Views:? ?1(?!\d)/);
      expect(part).not.toMatch(/click rate/i);
    }
  });

  it('counts views on other pages', async () => {
    const { subject, parts } = await partsOf({ totals: { views: 1, clicks: 1 }, previous: null });
    expect(subject).toBe('Ada: 1 view this week');
    for (const part of parts) expect(part).toMatch(/Views per day/);
  });
});

describe('a monthly summary', () => {
  async function partsOf(changes: Partial<ReturnType<typeof monthlyMail>> = {}) {
    const { subject, html, text } = await renderMail({ ...monthlyMail('Ada'), ...changes }, plain);
    return { subject: seen(subject), html, parts: [seen(html), seen(text)] };
  }

  it('has the month, its goal, the next month, campaigns, conversions and annotations', async () => {
    const { subject, parts } = await partsOf();
    expect(subject).toBe('Ada: 6,830 views in October');
    for (const part of parts) {
      expect(part).toContain('October 2026');
      expect(part).toContain('Changes compare with the 31 days before, 31 Aug to 30 Sept.');
      expect(part).toContain('Goal of 6,500 views reached: 6,830 (105%).');
      expect(part).toMatch(/Forecast for November: .* 71% likely to reach it\./);
      expect(part).toMatch(/Campaigns, by views.*My new merch:? ?640 ?\(?\+100%/);
      expect(part).toMatch(/Leads:? ?48 ?\(?\+20%\)?.*Sales:? ?12 ?\(?−25%\)?.*Revenue:? ?€1,234\.50 ?\(?−18%/);
      expect(part).toMatch(/Annotations.*6 Oct:? ?Deployed 1\.2\.0.*and 3 earlier ones in the dashboard/);
      expect(part).toMatch(/29–31 Oct/);
    }
  });

  it('says that a goal was missed, and never rounds up to it', async () => {
    const { parts } = await partsOf({ goal: { goal: 10_000, actual: 9999, unit: 'clicks' } });
    for (const part of parts) expect(part).toContain('Goal of 10,000 clicks missed: 9,999 (99%).');
  });

  it('of a young page without goal, clicks, conversions and forecast has no empty section', async () => {
    const { parts } = await partsOf({
      totals: { views: 12, clicks: 0 },
      previous: null,
      links: [],
      campaignMetrics: [],
      campaigns: [],
      conversions: null,
      annotations: { rows: [], more: 0 },
      goal: null,
      pace: null,
    });
    for (const part of parts)
      expect(part).not.toMatch(/Goal|Most clicked|Campaigns|Conversions|Annotations|November|compare/);
  });

  it('of a month without events has no chart of zeros', async () => {
    const days = monthlyMail('Ada').days.map(({ date }) => ({ date, views: 0, clicks: 0 }));
    const { parts } = await partsOf({ days, totals: { views: 0, clicks: 0 } });
    for (const part of parts) {
      expect(part).toMatch(/Views:? ?0 ?\(?−100%/);
      expect(part).not.toContain('per day');
    }
  });

  it('has one row for each currency, and no share of a negative amount', async () => {
    const revenue = [
      { currency: 'JPY', amount: '5000', previous: '0' },
      { currency: 'EUR', amount: '-12.00', previous: '10.00' },
      { currency: 'USD', amount: null, previous: null },
    ];
    const { parts } = await partsOf({ conversions: { kinds: [], revenue, moreCurrencies: 2 } });
    for (const part of parts) {
      expect(part).toMatch(/Revenue in JPY:? ?¥5,000 ?\(?new\)?.*Revenue in EUR:? ?-€12\.00(?! ?\(?[−+\d])/);
      expect(part).toMatch(/Revenue in USD:? ?–.*and 2 more currencies in the dashboard/);
    }
  });

  it('of an agency lists its pages with their goals', async () => {
    const { subject, html, text } = await renderMail(agencyMonthMail('Ada'), plain);
    expect(seen(subject)).toBe('North & Co: 6,830 views in October');
    for (const part of [seen(html), seen(text)]) {
      expect(part).toContain('7 of 12 pages with a goal reached it.');
      expect(part).toMatch(/Ada \(?\/ada\)?.*2,400 views ?\(?\+4%.*2,290 views/);
      expect(part).toMatch(/goal reached.*goal missed/);
      expect(part).toContain('and 130 more pages in the dashboard');
      expect(part).toContain('All 150 pages. Changes compare with the 31 days before, 31 Aug to 30 Sept.');
    }
  });
});

it('describes a surge, a silence and a change of the click-through rate', async () => {
  async function subjectOf(changes: Partial<typeof dropIncident>) {
    return seen((await renderMail(dropMail('Ada', changes), plain)).subject);
  }
  expect(await subjectOf({ direction: 'surge', first: { expected: 200, actual: 1310, score: 9 } })).toBe(
    'Ada: 6.5 times the usual views',
  );
  expect(await subjectOf({ direction: 'silent', first: { expected: 90, actual: 0, score: 9 } })).toBe(
    'Ada: traffic stopped: 0 views in two hours',
  );
  expect(await subjectOf({ unit: 'rate', first: { expected: 0.2, actual: 0.08, score: 4 } })).toBe(
    'Ada: click-through rate down 60%',
  );
  expect(await subjectOf({ unit: 'clicks', first: { expected: 200, actual: 0, score: 4 } })).toBe(
    'Ada: clicks stopped',
  );
});

describe('the white label of an agency', () => {
  const brand = { name: 'Nord & Söhne', logo: null, accent: '#ffee00', poweredBy: true };

  it('has its name, and an accent that can be read, in every kind of mail', async () => {
    for (const content of [dropMail('Ada'), digestMail('Ada'), monthlyMail('Ada'), agencyMonthMail('Ada')]) {
      const { html, text } = await renderMail(content, mailLinks, brand);
      expect(html).toContain('Nord &amp; Söhne');
      expect(html).toContain('Powered by Hopcount');
      expect(text).toMatch(/^\u2068Nord & Söhne\u2069\n\n[^]*Powered by Hopcount\n$/);
      const light =
        /class="g-accent t-on"[^>]*style="([^"]*)"/.exec(html)?.[1] ??
        /style="([^"]*)"[^>]*class="g-accent t-on"/.exec(html)?.[1] ??
        '';
      const [ground = '', ink = ''] = ['background-color', 'color'].map(
        (property) => new RegExp(`(?:^|;)\\s*${property}:\\s*(#[0-9a-f]{6})`).exec(light)?.[1] ?? '',
      );
      expect(contrast(ground, ink)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('can leave Hopcount out, and is not there without an agency', async () => {
    const { html, text } = await renderMail(dropMail('Ada'), mailLinks, { ...brand, poweredBy: false });
    expect(html + text).not.toContain('Hopcount');
    expect(await renderMail(dropMail('Ada'), mailLinks, undefined)).toEqual(
      await renderMail(dropMail('Ada'), mailLinks),
    );
  });

  const logo = { url: 'https://go.example/api/mail/logo?token=abc.def&v=0123456789ab', width: 160, height: 40 };

  it('shows its logo from the stack, with its size, and its name as text for clients that block pictures', async () => {
    for (const content of [dropMail('Ada'), digestMail('Ada'), agencyMonthMail('Ada')]) {
      const { html, text } = await renderMail(content, mailLinks, { ...brand, logo });
      const [image = '', ...others] = html.match(/<img[^>]*>/g) ?? [];
      expect(others).toEqual([]);
      expect(image).toContain('src="https://go.example/api/mail/logo?token=abc.def&amp;v=0123456789ab"');
      expect(image).toMatch(/ width="160"/);
      expect(image).toMatch(/ height="40"/);
      expect(image).toMatch(/ alt=""/);
      expect(seen(html)).toContain('Nord & Söhne');
      expect(text).not.toContain('/api/mail/logo');
    }
  });

  it('names its logo where no name stands below it', async () => {
    const { html } = await renderMail(dropMail('Ada'), mailLinks, { ...brand, name: null, logo });
    expect(html).toMatch(/<img[^>]* alt="Logo"/);
  });

  it('keeps a hostile name as text', async () => {
    const name = '</title><img src=x onerror=alert(1)>\u202e';
    const { html } = await renderMail(dropMail('Ada'), mailLinks, { ...brand, name });
    expect(html).not.toMatch(/<img|\u202e/);
  });
});
