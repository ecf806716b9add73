import { readdirSync, readFileSync } from 'node:fs';

/** How much of the time in which a process wanted to run it had to wait for a CPU. */
export interface RunDelay {
  /** Nanoseconds on a CPU, all threads. */
  readonly ran: number;
  /** Nanoseconds runnable and waiting, all threads. */
  readonly waited: number;
}

/** Since the process started, from /proc/PID/task/TID/schedstat; undefined when it is gone. Documentation/scheduler/sched-stats.rst */
export function readRunDelay(pid: number): RunDelay | undefined {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return undefined;
  }
  let ran = 0;
  let waited = 0;
  for (const thread of threads) {
    const [onCpu, waiting] = readSchedstat(pid, thread);
    ran += onCpu;
    waited += waiting;
  }
  return { ran, waited };
}

function readSchedstat(pid: number, thread: string): [number, number] {
  try {
    const [ran = '0', waited = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(
      ' ',
    );
    return [Number(ran), Number(waited)];
  } catch {
    return [0, 0]; // The thread ended between the look and the read.
  }
}
