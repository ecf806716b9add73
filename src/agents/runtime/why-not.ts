import { ANY_CPU } from '../policy/policy.ts';
import type { CpuTable } from './cpu-table.ts';
import { RUN_FLAGS } from './relay-records.ts';
import { ABSENT, ASLEEP, SENT, type TaskTable } from './task-table.ts';

/** Arguments of `run`. */
export interface RunCall {
  readonly task: number;
  readonly cpu: number;
  readonly slice: number;
  readonly flags: number;
}

const LISTED_CPUS = 16;

/** Why a policy's decision cannot be: the call, the task and what is wrong with it. */
export function whyNot(tasks: TaskTable, cpus: CpuTable, { task, cpu, slice, flags }: RunCall): string {
  const call = `run(${task}, ${cpu === ANY_CPU ? 'ANY_CPU' : cpu}, ${slice})`;
  const who = `task ${task} (pid ${tasks.pid(task)})`;
  switch (Number.isInteger(task) ? tasks.state(task) : ABSENT) {
    case ABSENT:
      return `${call}: there is no task ${task}`;
    case SENT:
      return `${call}: ${who} was run already and has not stopped since`;
    case ASLEEP:
      return `${call}: ${who} sleeps`;
  }
  if (!(slice > 0)) return `${call}: a slice is a positive number of nanoseconds, or Infinity`;
  if ((flags & ~RUN_FLAGS) !== 0) return `${call}: there are no flags ${flags}`;
  if (!(Number.isInteger(cpu) && cpu >= 0 && cpu < cpus.count))
    return `${call}: there is no CPU ${cpu}; there are 0 to ${cpus.count - 1}`;
  return `${call}: ${who} may not use CPU ${cpu}, only ${allowedCpus(tasks, cpus, task)}`;
}

function allowedCpus(tasks: TaskTable, cpus: CpuTable, task: number): string {
  const all = Array.from({ length: cpus.count }, (_, cpu) => cpu).filter((cpu) => tasks.allows(task, cpu));
  if (all.length === 0) return 'none';
  return `${all.slice(0, LISTED_CPUS).join(', ')}${all.length > LISTED_CPUS ? ', …' : ''}`;
}
