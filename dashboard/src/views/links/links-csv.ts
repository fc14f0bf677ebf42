import type { LinkView } from '#schemas/api/links.ts';

/** Columns in the words of the import. A password cannot be exported. */
const columns = [
  'code',
  'aliases',
  'url',
  'page',
  'title',
  'campaign',
  'tags',
  'status',
  'enabled',
  'archived',
  'listed',
  'section',
  'icon',
  'position',
  'startsAt',
  'expiresAt',
  'expiredUrl',
  'clickLimit',
  'passQuery',
  'deviceUrls',
  'countryUrls',
  'utm',
  'variants',
  'card',
  'createdAt',
] as const satisfies readonly (keyof LinkView)[];

/** Returns links as CSV that an import reads again, without their passwords. */
export function toCsv(links: readonly LinkView[]): string {
  const rows = links.map((link) => columns.map((name) => toCell(link[name])));
  return [columns, ...rows].map((cells) => cells.map(quote).join(',')).join('\r\n') + '\r\n';
}

function toCell(value: LinkView[(typeof columns)[number]]): string {
  if (value === null) return '';
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
}

function quote(cell: string): string {
  return /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
