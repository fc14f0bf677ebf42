import type { SelectionModel } from '../template/model.ts';

/** Headers that CloudFront forwards regardless of policies. */
const always: readonly string[] = ['content-length', 'content-type', 'x-amz-content-sha256'];

/** Returns the headers that the policies forward to the origin. */
export function forwardHeaders(
  headers: Readonly<Record<string, string>>,
  selection: SelectionModel,
): Record<string, string> {
  const forwarded = Object.fromEntries(
    Object.entries(headers).filter(([name]) => selects(selection, name) || always.includes(name)),
  );
  delete forwarded['cookie'];
  delete forwarded['connection'];
  // CloudFront sends its own user agent unless the viewer's is forwarded.
  if (!selects(selection, 'user-agent')) forwarded['user-agent'] = 'Amazon CloudFront';
  return forwarded;
}

function selects(selection: SelectionModel, name: string): boolean {
  switch (selection.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'only':
      return selection.names.includes(name);
    case 'except':
      return !selection.names.includes(name);
    default:
      return selection satisfies never;
  }
}

export function forwardQuery(query: string, selection: SelectionModel): string {
  if (selection.kind === 'all') return query;
  return query
    .split('&')
    .filter((part) => part !== '' && selects(selection, decodeURIComponent(part.split('=')[0] ?? '')))
    .join('&');
}

export function forwardCookies(cookie: string | undefined, selection: SelectionModel): string | undefined {
  const kept = (cookie ?? '')
    .split(/;\s*/)
    .filter((part) => part !== '' && selects(selection, part.split('=')[0] ?? ''));
  return kept.length > 0 ? kept.join('; ') : undefined;
}
