import { readdirSync, readFileSync } from 'node:fs';

/** CPU milliseconds by process name. On a machine that does other work too, it says more than the clock. */
export type CpuTime = ReadonlyMap<string, number>;

/** Kernel ticks a second, as Linux reports them to programs. */
const ticksPerSecond = 100;

interface ProcessStat {
  pid: number;
  parent: number;
  name: string;
  cpuMs: number;
}

/** One line of `/proc/<pid>/stat`: the name is in parentheses and may hold spaces. */
const parseStat = (text: string): ProcessStat => {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return {
    pid: Number(text.slice(0, text.indexOf(' '))),
    parent: Number(fields[1]),
    name: text.slice(text.indexOf('(') + 1, end),
    cpuMs: (ticks * 1000) / ticksPerSecond,
  };
};

const readStat = (pid: string): ProcessStat[] => {
  try {
    return [parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
  } catch {
    // It ended between the listing and the look, or this is no Linux.
    return [];
  }
};

/** CPU time so far of this process and of all below it; `stack` is this one, with its worker threads. */
export const readCpuTime = (): CpuTime => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readStat);
  const times = new Map<string, number>();
  const add = (pid: number, name: string): void => {
    const own = all.find((each) => each.pid === pid);
    times.set(name, (times.get(name) ?? 0) + (own?.cpuMs ?? 0));
    for (const child of all.filter((each) => each.parent === pid))
      add(child.pid, child.name === 'dynoxide' ? 'dynoxide' : 'queues and objects');
  };
  add(process.pid, 'stack');
  return times;
};

/** `stack 0.61, dynoxide 0.20` milliseconds per click. */
export const perClick = (before: CpuTime, after: CpuTime, clicks: number): string =>
  [...after].map(([name, ms]) => `${name} ${((ms - (before.get(name) ?? 0)) / clicks).toFixed(2)}`).join(', ');
