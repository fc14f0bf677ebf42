import { readdirSync, readFileSync } from 'node:fs';

/** CPU milliseconds by process name: on a busy machine, more reliable than wall time. */
export type CpuTime = ReadonlyMap<string, number>;

/** Reads the CPU time of this process and its descendants so far; `stack` is this process with its worker threads. */
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
    // The process has ended since the listing, or this is not Linux.
    return [];
  }
}

/** Kernel ticks a second in Linux's reports. */
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
