import type { SettleDeps } from '#jobs/settle/deps.ts';

/** Thrown where the simulated process dies. */
export class Died extends Error {
  override readonly name = 'Died';
}

/** Wraps stores whose process dies at the given call, before or after it takes effect. Later calls fail, too. */
export function mortal(deps: SettleDeps, call: number, when: 'before' | 'after'): SettleDeps {
  let calls = 0;
  function step() {
    calls++;
    if (calls > call) return 'before';
    return calls === call ? when : 'pass';
  }
  return {
    ...deps,
    state: { ...wrap(deps.state, step), acquire: deps.state.acquire, release: deps.state.release },
    lake: wrap(deps.lake, step),
    files: wrap(deps.files, step),
    partitions: wrap(deps.partitions, step),
    rollups: wrap(deps.rollups, step),
    dirty: wrap(deps.dirty, step),
    athena: wrap(deps.athena, step),
  };
}

function wrap<T extends object>(store: T, step: () => 'pass' | 'before' | 'after'): T {
  return new Proxy(store, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (!isFunction(member)) return member;
      return async (...parameters: never[]) => {
        const fate = step();
        if (fate === 'before') throw new Died(`before ${String(name)}`);
        const result: unknown = await member(...parameters);
        if (fate === 'after') throw new Died(`after ${String(name)}`);
        return result;
      };
    },
  });
}

type AnyFunction = (...parameters: never[]) => unknown;

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
