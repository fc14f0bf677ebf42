import type { Link } from '#schemas/catalog.ts';

/** Reads the titles of a page's links by code. A link without a title, or that belongs to another page by now, has none. */
export async function readTitles(
  { getLink }: { getLink: (code: string) => Promise<Link | undefined> },
  page: string,
  codes: readonly string[],
): Promise<Map<string, string>> {
  const links = await Promise.all(codes.map((code) => getLink(code)));
  return new Map(
    links.flatMap((link) => {
      const title = link?.title ?? '';
      return link?.page === page && title !== '' ? [[link.code, title] as const] : [];
    }),
  );
}
