/** Steps that undo a start, run in reverse order: what was started last may still need what was started first. */
export interface Closers {
  add: (close: () => unknown) => void;
  /** Runs every step once, also after one of them failed. @throws the first failure */
  close: () => Promise<void>;
}

export function createClosers(): Closers {
  const steps: (() => unknown)[] = [];
  return {
    add: (close) => void steps.push(close),
    close: async () => {
      const failures: unknown[] = [];
      for (let step = steps.pop(); step !== undefined; step = steps.pop())
        try {
          await step();
        } catch (cause) {
          failures.push(cause);
        }
      if (failures.length > 0) throw failures[0];
    },
  };
}
