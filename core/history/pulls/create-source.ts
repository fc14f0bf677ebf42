import type { PullRequest } from '#schemas/history/pull.ts';
import { createBitlySource } from './bitly.ts';
import { createDubSource } from './dub.ts';
import { createPlausibleSource } from './plausible.ts';
import { createShlinkSource } from './shlink.ts';
import type { Source } from './source.ts';

/**
 * Creates the source of a pull.
 * @param startedAt milliseconds since the epoch when the pull began: younger data is left out, so that pages do not move
 */
export function createSource(request: PullRequest, startedAt: number): Source {
  switch (request.tool) {
    case 'bitly':
      return createBitlySource({ startedAt, group: request.group, withHistory: request.history });
    case 'dub':
      return createDubSource({ startedAt, withHistory: request.history });
    case 'shlink':
      return createShlinkSource({ startedAt, server: request.server, withHistory: request.history });
    case 'plausible': {
      // The day before, wherever the site is.
      const until = new Date(startedAt - 36 * 3_600_000).toISOString().slice(0, 10);
      return createPlausibleSource({ server: request.server, site: request.site, until });
    }
    default:
      return request satisfies never;
  }
}
