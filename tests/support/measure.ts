// What processes cost, read from /proc, and how runs differ.
import { readdirSync, readFileSync } from 'node:fs';
import { processes } from './processes.ts';

/** Of /proc/PID/stat. */
const TICK_NS = 10_000_000;

export interface Spread {
  min: number;
  median: number;
  max: number;
}

export function spread(values: number[], digits = 4): Spread {
  const sorted = values.toSorted((a, b) => a - b).map((value) => Number(value.toFixed(digits)));
  return {
    min: sorted[0] ?? NaN,
    median: sorted[Math.floor(sorted.length / 2)] ?? NaN,
    max: sorted.at(-1) ?? NaN,
  };
}

/** The value that so many of a hundred are not above. */
export function percentile(sorted: number[], of100: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * of100) / 100))] ?? NaN;
}

/** Nanoseconds that all threads of a process have run. */
export function cpuNs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'))
    .reduce((sum, text) => sum + Number(text.split(' ')[0]), 0);
}

/** 0 for one that has just ended: its parent's times have it. */
function cpuNsOrNone(pid: number): number {
  try {
    return cpuNs(pid);
  } catch {
    return 0;
  }
}

/** The same for a process and its children, those that have ended included. */
export function cpuNsWithChildren(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15);
  return processes(({ parent }) => parent === pid).reduce(
    (sum, child) => sum + cpuNsOrNone(child.pid),
    cpuNs(pid) + (Number(user) + Number(system)) * TICK_NS,
  );
}

/** The bytes of all that has gone over loopback, both ways and with every header; databases have sockets of their own. */
export function loopbackBytes(): number {
  return Number(/^ *lo: *(\d+)/m.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1]);
}

/** The most memory a process has had resident, in MB. */
export function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
