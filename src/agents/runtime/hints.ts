import type { TaskHints } from './task-table.ts';

/**
 * Where a workload leaves hints for the policy: a table in shared memory with a place for each thread id, made of two threads'
 * when they are equal modulo its length; then the one that wrote last has it. native/workloads/hints.h says the same in C.
 */
export const HINTS_FILE = '/dev/shm/devbox-hints';
const PLACES = 65_536;
/** 32-bit words of a place: thread id, class of service (signed), deadline in ns (64 bits, absolute; 0: none). */
const WORDS = 4;
export const HINTS_BYTES = PLACES * WORDS * 4;

const WORD = 2 ** 32;

/** Reads the table as it is now, without making garbage. */
export function readHints(memory: ArrayBufferLike): TaskHints {
  const words = new Uint32Array(memory);
  const placeOf = (pid: number) => (pid % PLACES) * WORDS;
  return {
    deadline: (pid) => {
      const at = placeOf(pid);
      if (words[at] !== pid) return Number.POSITIVE_INFINITY;
      const ns = (words[at + 3] as number) * WORD + (words[at + 2] as number);
      return ns === 0 ? Number.POSITIVE_INFINITY : ns;
    },
    qos: (pid) => {
      const at = placeOf(pid);
      return words[at] === pid ? (words[at + 1] as number) | 0 : 0;
    },
  };
}
