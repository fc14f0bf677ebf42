import { readdirSync, readFileSync } from 'node:fs';

/** CPU milliseconds by process name. On a machine that does other work too, it says more than the clock. */
export type CpuTime = ReadonlyMap<string, number>;

/** CPU time so far of this process and of all below it; `stack` is this one, with its worker threads. */
export function readCpuTime(): CpuTime {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readStat);
  const times = new Map<string, number>();
  function add(pid: number, name: string): void {
    const own = all.find((each) => each.pid === pid);
    times.set(name, (times.get(name) ?? 0) + (own?.cpuMs ?? 0));
    for (const child of all.filter((each) => each.parent === pid))
      add(child.pid, child.name === 'dynoxide' ? 'dynoxide' : 'queues and objects');
  }
  add(process.pid, 'stack');
  return times;
}

interface ProcessStat {
  pid: number;
  parent: number;
  name: string;
  cpuMs: number;
}

function readStat(pid: string): ProcessStat[] {
  try {
    return [parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
  } catch {
    // It ended between the listing and the look, or this is no Linux.
    return [];
  }
}

/** Kernel ticks a second, as Linux reports them to programs. */
const ticksPerSecond = 100;

/** One line of `/proc/<pid>/stat`: the name is in parentheses and may hold spaces. */
function parseStat(text: string): ProcessStat {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return {
    pid: Number(text.slice(0, text.indexOf(' '))),
    parent: Number(fields[1]),
    name: text.slice(text.indexOf('(') + 1, end),
    cpuMs: (ticks * 1000) / ticksPerSecond,
  };
}

/** `stack 0.61, dynoxide 0.20` milliseconds per click. */
export function perClick(before: CpuTime, after: CpuTime, clicks: number): string {
  return [...after].map(([name, ms]) => `${name} ${((ms - (before.get(name) ?? 0)) / clicks).toFixed(2)}`).join(', ');
}
