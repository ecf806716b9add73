import type { HostPressure } from './host-pressure.ts';
import type { RunDelay } from './run-delay.ts';

/** How much of its time a process could not use, and why. */
export interface Starvation {
  /** 0 to 1. */
  readonly share: number;
  /** What the share is of, for people: `it waited 80 % … for a CPU`. */
  readonly why: string;
}

export interface StarvationSource {
  /** Of the process, since it was started. */
  readonly delay: RunDelay | undefined;
  /** Of the machine, when it was started and now. */
  readonly before: HostPressure;
  readonly now: HostPressure;
}

/** Less than this is noise. */
const MEANINGFUL_NS = 500e6;
const MEANINGFUL_MS = MEANINGFUL_NS / 1e6;
/** Of a counter that counts in hundredths of a second. */
const MEANINGFUL_TICKS = 50;

/** The worst of what kept a process from running: other processes, the hypervisor, memory or a disk of the machine. */
export function starvation({ delay, before, now }: StarvationSource): Starvation {
  const stolen = now.stolen - before.stolen;
  const elapsed = now.at - before.at;
  const kinds: Starvation[] = [
    waiting(delay),
    {
      share: part(stolen, stolen + now.busy - before.busy, MEANINGFUL_TICKS),
      why: 'of the CPU time that this machine wanted, the hypervisor under it gave % to others',
    },
    {
      share: part(now.waitedForMemory - before.waitedForMemory, elapsed, MEANINGFUL_MS),
      why: 'for % of the time everything on this machine waited for memory',
    },
    {
      share: part(now.waitedForDisk - before.waitedForDisk, elapsed, MEANINGFUL_MS),
      why: 'for % of the time everything on this machine waited for a disk',
    },
  ];
  const worst = kinds.reduce((most, kind) => (kind.share > most.share ? kind : most));
  return { share: worst.share, why: worst.why.replace('%', `${Math.round(worst.share * 100)} %`) };
}

function waiting(delay: RunDelay = { ran: 0, waited: 0 }): Starvation {
  return {
    share: part(delay.waited, delay.ran + delay.waited, MEANINGFUL_NS),
    why: 'of the time in which the guest wanted to run it waited % for a CPU',
  };
}

function part(some: number, all: number, meaningful: number): number {
  return all < meaningful ? 0 : Math.min(1, some / all);
}
