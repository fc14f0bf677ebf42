/** What AWS said, or why it did not. */
export type Reply<T> = { kind: 'read'; value: T } | { kind: 'unread'; reason: string; denied: boolean };

/** @param permission the IAM action that the call needs, unless AWS names another one */
export async function ask<T>(permission: string, call: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { kind: 'read', value: await call() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const named = /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
    if (named || /^(AccessDenied|UnauthorizedOperation)/.test(name))
      return { kind: 'unread', reason: `missing permission ${named ?? permission}`, denied: true };
    const [line] = message.split('\n');
    return { kind: 'unread', reason: `${permission} failed: ${name}: ${line}`, denied: false };
  }
}

/** Returns undefined instead of an error of this name. */
export async function unless<T>(absent: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && error.name === absent) return undefined;
    throw error;
  }
}

/** Pages of 100 that are read of each list of CloudFront: more than its default quotas allow to exist. */
const maxPages = 10;

interface Page {
  Items?: readonly unknown[] | undefined;
  NextMarker?: string | undefined;
}

export async function listPages<P extends Page>(
  read: (Marker: string | undefined) => Promise<P | undefined>,
): Promise<P[]> {
  const pages: P[] = [];
  let marker: string | undefined;
  do {
    const page = await read(marker);
    if (page) pages.push(page);
    marker = page?.NextMarker;
  } while (marker && pages.length < maxPages);
  return pages;
}
