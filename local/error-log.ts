/** Keeps the last errors of the local stack itself for the status page. */
export interface ErrorLog {
  list: readonly { at: number; message: string }[];
  add: (cause: unknown) => void;
}

export function createErrorLog(now: () => number, log: (message: string) => void): ErrorLog {
  const list: { at: number; message: string }[] = [];
  return {
    list,
    add: (cause) => {
      const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      list.unshift({ at: now(), message });
      list.length = Math.min(list.length, kept);
      log(message);
    },
  };
}

const kept = 50;
