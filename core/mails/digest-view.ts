import { longestAgencyGroup, type MailContent } from '#schemas/alerts.ts';
import { leadingUnit, type TrafficUnit } from '#core/alerts/page-history.ts';
import { shownRate } from '#core/stats/counters.ts';
import { type Bar, bars } from './bars.ts';
import { buildHeadline, buildLine, capitalize } from './incident-words.ts';
import { describePace } from './forecast-words.ts';
import { amount, change, count, dateWords, percent, tidy } from './words.ts';

export interface DigestView {
  subject: string;
  preview: string;
  title: string;
  headline: string;
  totals: { name: string; value: string; change: string | null }[];
  /** "Views per day" */
  chartTitle: string;
  chart: Bar[];
  links: { name: string; code: string; clicks: string; change: string; width: number }[];
  pace: string | null;
}

export interface AgencyView {
  subject: string;
  preview: string;
  headline: string;
  groups: {
    name: string;
    tone: 'down' | 'up' | 'calm';
    pages: { path: string; title: string; text: string; tone: 'down' | 'up' | 'calm' }[];
  }[];
}

type Digest = Extract<MailContent, { kind: 'digest' }>;

export function digestView(content: Digest): DigestView {
  const { totals, previous, week, links, from, to } = content;
  const title = tidy(content.title) || content.page;
  const unit = leadingUnit(previous === null ? [totals] : [totals, previous]);
  const other: TrafficUnit = unit === 'views' ? 'clicks' : 'views';
  const compared = previous === null ? '' : `, ${change(totals[unit], previous[unit])} compared with the week before`;
  const both = totals[other] === 0 ? [unit] : [unit, other];
  const amounts = both.map((each) => amount(totals[each], each)).join(' and ');
  const most = Math.max(1, ...links.map(({ clicks }) => clicks));
  return {
    subject: `${tidy(content.title, 50) || content.page}: ${amount(totals[unit], unit)} this week`,
    preview: `${amounts}${compared}.`,
    title,
    headline: `${dateWords.dayMonth(from)} to ${dateWords.dayMonth(to)}`,
    totals: totalsOf(content, unit),
    chartTitle: `${capitalize(unit)} per day`,
    chart: bars(week.map((day) => ({ label: dateWords.short(day.date), value: day[unit], marked: false }))),
    links: links.map((link) => ({
      name: tidy(link.title, 60) || `/${link.code}`,
      code: `/${link.code}`,
      clicks: count(link.clicks),
      change: change(link.clicks, link.previous),
      width: Math.round((100 * link.clicks) / most),
    })),
    pace: describePace(content.pace),
  };
}

/** Lists the totals, the page's unit first. A page whose links are followed directly has no meaningful click rate. */
function totalsOf({ totals, previous }: Digest, unit: TrafficUnit): DigestView['totals'] {
  function against(name: 'views' | 'clicks') {
    return previous ? change(totals[name], previous[name]) : null;
  }
  const views = { name: 'Views', value: count(totals.views), change: against('views') };
  const clicks = { name: 'Clicks', value: count(totals.clicks), change: against('clicks') };
  if (unit === 'clicks') return totals.views === 0 ? [clicks] : [clicks, views];
  const rate = shownRate(totals);
  const before = previous && shownRate(previous);
  return [
    views,
    clicks,
    {
      name: 'Click rate',
      value: rate === null ? '–' : percent(rate),
      change: rate === null || before === null ? null : change(rate, before),
    },
  ];
}

export function agencyView(content: Extract<MailContent, { kind: 'agency' }>): AgencyView {
  const { opened, continuing, recovered } = content;
  const counts = content.counts ?? {
    opened: opened.length,
    continuing: continuing.length,
    recovered: recovered.length,
  };
  function rows(stories: typeof opened, calm: boolean) {
    return stories.slice(0, longestAgencyGroup).map(({ page, title, incident }) => ({
      path: page,
      title: tidy(title, 60) || page,
      text: calm
        ? `${buildHeadline(incident)}, ended ${dateWords.dayMonth((incident.recovered ?? incident.lastAlert).slice(0, 10))}`
        : buildLine(incident, 'open'),
      tone: calm ? ('calm' as const) : incident.direction === 'surge' ? ('up' as const) : ('down' as const),
    }));
  }
  function group(name: string, stories: typeof opened, total: number, tone: 'down' | 'up' | 'calm') {
    return stories.length === 0
      ? []
      : [
          {
            name: total > longestAgencyGroup ? `${name} (${longestAgencyGroup} of ${total})` : `${name} (${total})`,
            tone,
            pages: rows(stories, tone === 'calm'),
          },
        ];
  }
  const headline = `${pages(counts.opened)} changed, ${pages(counts.recovered)} back to normal`;
  return {
    subject: `${tidy(content.agency, 40)}: ${headline}`,
    preview: `${headline}, out of ${pages(content.pages)} on ${dateWords.long(content.date)}.`,
    headline: dateWords.long(content.date),
    groups: [
      ...group('New', opened, counts.opened, 'down'),
      ...group('Ongoing', continuing, counts.continuing, 'down'),
      ...group('Back to normal', recovered, counts.recovered, 'calm'),
    ],
  };
}

function pages(number: number): string {
  return number === 1 ? '1 page' : `${count(number)} pages`;
}
