import { type RefusedLine, refusedMessage, type RequestLine, requestMessage } from '#schemas/log-lines.ts';

export function requestLineOf(
  id: string,
  page: string,
  { at, received }: Pick<RequestLine, 'at' | 'received'>,
): RequestLine {
  return {
    message: requestMessage,
    id,
    at,
    ...(received !== at && { received }),
    page,
    link: null,
  };
}

/** An event that is counted by its page and rule only, or several. */
export interface NotKept {
  page: string;
  rule: string;
  /** @default 1 */
  count?: number;
}

export function refusedLines(events: readonly NotKept[], at: number): RefusedLine[] {
  const groups = Map.groupBy(events, ({ page, rule }) => `${rule} ${page}`);
  return [...groups.values()].flatMap((group): RefusedLine[] => {
    const count = group.reduce((sum, each) => sum + (each.count ?? 1), 0);
    return group[0] ? [{ message: refusedMessage, at, ...group[0], count, link: null }] : [];
  });
}
