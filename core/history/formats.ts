import type { HistoryFormatName } from '#schemas/history/history-formats.ts';
import type { FileHead, HistoryFormat } from './format.ts';
import { dubEvents } from './formats/dub-events.ts';
import { goatcounter } from './formats/goatcounter.ts';
import { matomo } from './formats/matomo.ts';
import { shlinkCli } from './formats/shlink-cli.ts';
import { bitlyClicks } from './count-formats/bitly.ts';
import { dubAnalytics } from './count-formats/dub-analytics.ts';
import { goatcounterJson } from './count-formats/goatcounter-json.ts';
import { kuttVisits } from './count-formats/kutt-visits.ts';
import { linkTotals } from './count-formats/link-totals.ts';
import { plausible, plausibleDashboard } from './count-formats/plausible.ts';
import { umami } from './count-formats/umami.ts';
import { pulledFormats } from './formats/pulled.ts';
import { shlinkWeb } from './formats/shlink-web.ts';
import { yourls } from './formats/yourls.ts';

/** A reader for each format, in the order in which they are tried. */
export const historyFormats: Readonly<Record<HistoryFormatName, HistoryFormat>> = {
  'shlink-cli': shlinkCli,
  'shlink-web': shlinkWeb,
  yourls,
  goatcounter,
  'dub-events': dubEvents,
  matomo,
  'plausible-dashboard': plausibleDashboard,
  plausible,
  'goatcounter-json': goatcounterJson,
  umami,
  'bitly-clicks': bitlyClicks,
  'dub-analytics': dubAnalytics,
  'kutt-visits': kuttVisits,
  ...linkTotals,
  ...pulledFormats,
};

/** Returns the format of a file, or undefined. */
export function detectFormat(head: FileHead): HistoryFormat | undefined {
  return Object.values(historyFormats).find((format) => format.detects(head));
}
