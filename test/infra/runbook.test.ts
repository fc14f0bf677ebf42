import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesize } from './synthesize.ts';

const runbook = readFileSync(path.join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const { template } = synthesize();
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

/** Headings of the part on alarms, as they stand: `### clicks-age`, or several that share what to do. */
const headings = [...runbook.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading ?? '');

describe('the runbook', () => {
  it('has a heading per alarm, and each alarm leads to its own', () => {
    const names = alarms.map(({ AlarmName }) => String(AlarmName).replace(/^Hopcount-/, ''));
    function byName(a: string, b: string): number {
      return a.localeCompare(b);
    }
    expect(headings.toSorted(byName)).toEqual(names.toSorted(byName));
  });

  it('is named by every alarm', () => {
    for (const { AlarmName, AlarmDescription } of alarms) {
      const anchor = String(AlarmName).replace(/^Hopcount-/, '');
      expect(AlarmDescription).toMatch(new RegExp(`docs/runbook\\.md#${anchor}$`));
    }
  });

  it('says something under each heading', () => {
    const sections = runbook.split(/^### .+$/m).slice(1);
    for (const [index, section] of sections.entries())
      expect(section.trim().length, headings[index]).toBeGreaterThan(80);
  });

  it('is what a mail leads to: every alarm tells the topic, and tells it when all is well again', () => {
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
  });
});
