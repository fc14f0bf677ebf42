import { toSettings } from '#core/enrich/enrich-event.ts';
import { linkName } from '#core/history/staged-row.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Athena } from '#stores/lake/athena.ts';
import { ownSince } from '#stores/lake/lake-queries.ts';
import type { SettledFiles } from '#stores/lake/settled-files.ts';
import type { SettleState } from '#stores/settle/settle-state.ts';
import type { ImportDeps, ImportedLink } from './deps.ts';

export interface PageReaderOptions {
  catalog: Pick<CatalogAdmin, 'getPage' | 'listLinksOfPage'>;
  athena: Pick<Athena, 'rows'>;
  settle: Pick<SettleState, 'watermark'>;
  files: Pick<SettledFiles, 'folders'>;
  ownHosts: readonly string[];
  ignoreCase: boolean;
  now: () => number;
}

/**
 * Creates a reader of what an import must know of its page. Its own events begin with the first settled one that no import
 * has brought. A link without one has had none up to the watermark.
 */
export function createPageReader(options: PageReaderOptions): ImportDeps['readPage'] {
  return async (path) => {
    const page = await options.catalog.getPage(path);
    if (page === undefined) return undefined;
    const watermark = await options.settle.watermark();
    const settled = watermark ?? options.now();
    const firsts = watermark === undefined ? new Map<string, number>() : await readFirsts(options, path);
    const links = new Map<string, ImportedLink>();
    let after: string | undefined;
    do {
      const { rows, next } = await options.catalog.listLinksOfPage(path, { limit: 500, after });
      for (const { id, code, aliases, url, title, campaign } of rows)
        for (const name of [code, ...aliases])
          links.set(linkName(name, options), {
            id,
            code,
            url,
            title,
            campaign,
            ownSince: firsts.get(id) ?? settled,
          });
      after = next;
    } while (after !== undefined);
    return {
      settings: { ...toSettings(page, options.ownHosts), identities: 'none' },
      links,
      ownSince: firsts.get('') ?? settled,
    };
  };
}

/** Reads the first events by link; those without a link under the empty name. */
async function readFirsts({ athena, files }: PageReaderOptions, page: string): Promise<Map<string, number>> {
  const dates = (await files.folders(settledTables.events.prefix)).map((name) => name.slice('dt='.length)).toSorted();
  const [from_dt, to_dt] = [dates[0], dates.at(-1)];
  if (from_dt === undefined || to_dt === undefined) return new Map();
  const { rows } = await athena.rows(ownSince, { page, from_dt, to_dt });
  return new Map(rows.map(({ link_id, first_at }) => [link_id ?? '', first_at]));
}
