import { readFileSync } from 'node:fs';

/** Counters of how hard it is to get anything done on this machine; they only ever grow. */
export interface HostPressure {
  /** CPU time of all that ran, ticks. */
  readonly busy: number;
  /** CPU time that the hypervisor under this machine gave to others, ticks. */
  readonly stolen: number;
  /** Time in which nothing could run because everything waited for memory, or for a disk; milliseconds. */
  readonly waitedForMemory: number;
  readonly waitedForDisk: number;
  /** When this was read, milliseconds. */
  readonly at: number;
}

/** From /proc/stat and /proc/pressure: proc_stat(5), Documentation/accounting/psi.rst. What a kernel does not count is 0. */
export function readHostPressure(): HostPressure {
  return parseHostPressure({
    stat: read('/proc/stat'),
    memory: read('/proc/pressure/memory'),
    io: read('/proc/pressure/io'),
    at: performance.now(),
  });
}

export function parseHostPressure(texts: {
  readonly stat: string;
  readonly memory: string;
  readonly io: string;
  readonly at: number;
}): HostPressure {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] =
    /^cpu +(.*)$/m.exec(texts.stat)?.[1]?.split(' ').map(Number) ?? [];
  return {
    ...{ busy: user + nice + system + irq + softirq, stolen, at: texts.at },
    waitedForMemory: fullStallMs(texts.memory),
    waitedForDisk: fullStallMs(texts.io),
  };
}

function fullStallMs(text: string): number {
  return Number(/^full .*total=(\d+)/m.exec(text)?.[1] ?? 0) / 1000;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // A kernel without it.
  }
}
