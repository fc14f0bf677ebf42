import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { plain, resourcesOf, synthesize } from './synthesize.ts';

const runbook = readFileSync(path.join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const { template } = synthesize({ senderAddress: 'links@example.com' });
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

/** Alarm names, the third-level headings: `### clicks-age`. */
const headings = [...runbook.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading ?? '');

describe('the runbook', () => {
  it('has one heading for each alarm', () => {
    const names = alarms.map(({ AlarmName }) => String(AlarmName).replace(/^Hopcount-/, ''));
    function byName(a: string, b: string): number {
      return a.localeCompare(b);
    }
    expect(headings.toSorted(byName)).toEqual(names.toSorted(byName));
  });

  it("is linked from the end of every alarm's description, at a heading that exists", () => {
    for (const { AlarmName, AlarmDescription } of alarms) {
      const link = linkOf(AlarmDescription);
      expect(`${link.origin}${link.pathname}`).toBe('https://github.com/hopcount/hopcount/blob/main/docs/runbook.md');
      expect(link.hash).toBe(`#${String(AlarmName).replace(/^Hopcount-/, '')}`);
      expect(headings).toContain(link.hash.slice(1));
    }
  });

  it('can be replaced by your own', () => {
    const own = synthesize({ runbookUrl: 'https://wiki.example.com/hopcount' }).template;
    for (const [, { Properties }] of resourcesOf(own, 'AWS::CloudWatch::Alarm'))
      expect(linkOf(Properties['AlarmDescription']).href).toMatch(/^https:\/\/wiki\.example\.com\/hopcount#[a-z-]+$/);
  });

  it('has text under each heading', () => {
    const sections = runbook.split(/^### .+$/m).slice(1);
    for (const [index, section] of sections.entries())
      expect(section.trim().length, headings[index]).toBeGreaterThan(80);
  });

  it('describes alarms that each notify the topic of their severity, when they fire and when they recover', () => {
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
    const high = alarms.filter(({ AlarmActions }) => plain(AlarmActions).includes('MonitoringAlarms'));
    expect(high.map(({ AlarmName }) => String(AlarmName).replace(/^Hopcount-/, '')).sort()).toEqual([
      'canary-failing',
      'clicks-age',
      'clicks-dead-letters',
      'collect-failing',
      'events-unsent',
      'files-age',
      'files-dead-letters',
      'lookups-failed',
      'lost',
      'redirect-failing',
    ]);
  });

  it('has sections by severity', () => {
    const [, ofHigh = '', ofLow = ''] = runbook.split(/^## (?:High|Low) alarms.*$/m);
    for (const { AlarmName, AlarmActions } of alarms) {
      const heading = `\n### ${String(AlarmName).replace(/^Hopcount-/, '')}\n`;
      expect(plain(AlarmActions).includes('MonitoringAlarms') ? ofHigh : ofLow).toContain(heading);
    }
  });

  it('describes alarms that a new stack does not raise, because it has no metrics yet', () => {
    for (const { TreatMissingData } of alarms) expect(TreatMissingData).toBe('notBreaching');
  });
});

/** Returns the URL at the end of an alarm's description. */
function linkOf(description: unknown): URL {
  return new URL(String(description).split(' ').at(-1) ?? '');
}
