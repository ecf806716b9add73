import { readFileSync } from 'node:fs';

const DIR = '/sys/kernel/sched_ext';

/** What the kernel says of its extensible scheduling class. */
export interface SchedState {
  /** `enabled`, `disabled`, `enabling`, `disabling`; undefined on a kernel without sched_ext. */
  readonly state?: string;
  /** The scheduler that is loaded. */
  readonly scheduler?: string;
  /** Whether every ordinary task is under it. */
  readonly switchAll: boolean;
  /** Tasks that asked for it and were refused. */
  readonly rejected: number;
  /** How often a scheduler was enabled since boot. */
  readonly enables: number;
}

export function readSchedState(): SchedState {
  const state = read('state');
  const scheduler = read('root/ops');
  return {
    ...(state !== undefined && { state }),
    ...(scheduler !== undefined && scheduler !== '' && { scheduler }),
    switchAll: read('switch_all') === '1',
    rejected: Number(read('nr_rejected') ?? 0),
    enables: Number(read('enable_seq') ?? 0),
  };
}

function read(name: string): string | undefined {
  try {
    return readFileSync(`${DIR}/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
