import { type AgencyContent, longestAgencyGroup } from '#schemas/alerts.ts';
import { buildHeadline, buildLine } from './incident-words.ts';
import { count, dateWords, tidy } from './words.ts';

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

export function agencyView(content: Extract<AgencyContent, { kind: 'agency' }>): AgencyView {
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

export function pages(number: number): string {
  return number === 1 ? '1 page' : `${count(number)} pages`;
}
