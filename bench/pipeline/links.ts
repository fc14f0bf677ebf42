import { linkInputSchema, pageSchema } from '../../schemas/catalog.ts';
import type { LocalStack } from '../../local/stack.ts';

/** Creates a page with links, of 20 campaigns in turn, and returns their codes. */
export async function createBenchLinks(catalog: LocalStack['catalog'], count: number): Promise<string[]> {
  const at = new Date().toISOString();
  const codes = Array.from({ length: count }, (_, index) => `z${index}`);
  await catalog.putPage(pageSchema.parse({ path: '/bench', title: 'Bench', createdAt: at, updatedAt: at }));
  await catalog.importLinks(
    codes.map((code, index) =>
      linkInputSchema.parse({
        code,
        page: '/bench',
        url: `https://example.com/${code}`,
        campaign: `c${index % 20}`,
        createdAt: at,
        updatedAt: at,
      }),
    ),
  );
  return codes;
}
