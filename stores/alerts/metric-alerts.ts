import type { OutgoingNotification } from '#schemas/alerts.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import { type MetricAlertState, metricAlertStateSchema } from '#schemas/insights/metric-alert.ts';
import { expiring, isLive, parseItem, toItem } from '../dynamodb/items.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import { createTable, isNew, type TableOptions } from '../dynamodb/table.ts';
import { alertKeys } from './alert-keys.ts';
import { mailItem } from './outgoing-mails.ts';

/** How the alerts of custom metrics stand. Every function may throw {@link StoreUnavailable}. */
export interface MetricAlerts {
  state: (page: string, metric: string) => Promise<MetricAlertState | undefined>;
  /** Queues mails that were not queued before, and then stores the state: a run that repeats queues none twice. */
  commit: (
    page: string,
    metric: string,
    state: MetricAlertState,
    mails: readonly OutgoingNotification[],
  ) => Promise<void>;
  remove: (page: string, metric: string) => Promise<void>;
}

const queueConcurrency = 10;

export function createMetricAlerts({ now, ...options }: TableOptions & { now: () => number }): MetricAlerts {
  const table = createTable(options);
  return {
    state: async (page, metric) => {
      const item = await table.get(alertKeys.metric(page, metric));
      return item && isLive(item, now()) ? parseItem(metricAlertStateSchema, item) : undefined;
    },
    commit: async (page, metric, state, mails) => {
      await forEachConcurrently(mails, queueConcurrency, async (mail) => {
        await table.putIf(mailItem(mail), isNew);
      });
      await table.put(
        toItem({ ...alertKeys.metric(page, metric), ...state, ...expiring(now(), keptDays.metricAlerts) }),
      );
    },
    remove: (page, metric) => table.delete(alertKeys.metric(page, metric)),
  };
}
