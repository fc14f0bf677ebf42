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

/** An event that is counted by its page and rule only. */
export interface NotKept {
  page: string;
  rule: string;
}

export function refusedLines(events: readonly NotKept[], at: number): RefusedLine[] {
  const groups = Map.groupBy(events, ({ page, rule }) => `${rule} ${page}`);
  return [...groups.values()].flatMap(([first, ...others]): RefusedLine[] =>
    first ? [{ message: refusedMessage, at, ...first, count: 1 + others.length, link: null }] : [],
  );
}
