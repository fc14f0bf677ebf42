/** What the local machinery itself could not do, for the status page. */
export interface Troubles {
  list: readonly { at: number; message: string }[];
  add: (cause: unknown) => void;
}

export function createTroubles(now: () => number, log: (message: string) => void): Troubles {
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
