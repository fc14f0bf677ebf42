import { fc } from '#test/property.ts';
import { describe, expect, it } from 'vitest';
import type { MailContent } from '#schemas/alerts.ts';
import { renderMail } from '../../mails/render-mail.tsx';
import {
  agencyMail,
  digestMail,
  dropIncident,
  dropMail,
  hostileTitles,
  mailLinks,
  rateIncident,
  recoveryMail,
} from './mail-contents.ts';

const kinds: Readonly<Record<string, (title: string) => MailContent>> = {
  alert: dropMail,
  recovery: recoveryMail,
  digest: (title) => digestMail(title, title),
  agency: agencyMail,
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
