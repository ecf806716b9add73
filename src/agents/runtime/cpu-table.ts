import { type CpuId, type Cpus, NONE, type TaskId } from '../policy/policy.ts';
import type { TaskTable } from './task-table.ts';

/** Equal numbers are the same core, last-level cache or NUMA node; one number for each CPU. */
export interface CpuTopology {
  readonly core: Int32Array;
  readonly cache: Int32Array;
  readonly node: Int32Array;
}

/** What was sent to each CPU and has not stopped there. */
export class CpuTable implements Cpus {
  readonly count: number;
  readonly #tasks: TaskTable;
  readonly #topology: CpuTopology;
  readonly #pending: Int32Array;
  /** The tasks sent to a CPU are a list: its end, and for each task the CPU and the neighbours. */
  readonly #last: Int32Array;
  readonly #cpu: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** A bit for each CPU with nothing pending. */
  readonly #idle: Uint32Array;
  #idleCount: number;

  constructor(count: number, maskWords: number, tasks: TaskTable, topology: CpuTopology) {
    this.count = count;
    this.#tasks = tasks;
    this.#topology = topology;
    this.#pending = new Int32Array(count);
    this.#last = new Int32Array(count).fill(NONE);
    this.#cpu = new Int32Array(tasks.capacity).fill(NONE);
    this.#next = new Int32Array(tasks.capacity).fill(NONE);
    this.#previous = new Int32Array(tasks.capacity).fill(NONE);
    this.#idle = new Uint32Array(maskWords);
    this.#idleCount = count;
    for (let cpu = 0; cpu < count; cpu += 1) this.#toggleIdle(cpu);
  }

  pending(cpu: CpuId): number {
    return this.#pending[cpu] ?? 0;
  }

  current(cpu: CpuId): TaskId {
    return this.#last[cpu] ?? NONE;
  }

  pickIdle(task: TaskId, except: CpuId = NONE): CpuId {
    if (this.#idleCount === 0) return NONE;
    const hidden = except !== NONE && this.#pending[except] === 0;
    if (hidden) this.#toggleIdle(except);
    const found = this.#tasks.nextAllowedIn(task, this.#idle);
    if (hidden) this.#toggleIdle(except);
    return found;
  }

  core(cpu: CpuId): number {
    return this.#topology.core[cpu] ?? NONE;
  }

  cache(cpu: CpuId): number {
    return this.#topology.cache[cpu] ?? NONE;
  }

  node(cpu: CpuId): number {
    return this.#topology.node[cpu] ?? NONE;
  }

  /** `cpu`: one that exists. */
  add(task: TaskId, cpu: CpuId): void {
    const last = this.#last[cpu] as number;
    this.#cpu[task] = cpu;
    this.#previous[task] = last;
    this.#next[task] = NONE;
    if (last !== NONE) this.#next[last] = task;
    this.#last[cpu] = task;
    const pending = this.#pending[cpu] as number;
    this.#pending[cpu] = pending + 1;
    if (pending !== 0) return;
    this.#toggleIdle(cpu);
    this.#idleCount -= 1;
  }

  /** Gives the CPU that the task was sent to; NONE when it was to none, or to any. */
  remove(task: TaskId): CpuId {
    const cpu = this.#cpu[task] as number;
    if (cpu === NONE) return NONE;
    const next = this.#next[task] as number;
    const previous = this.#previous[task] as number;
    if (next === NONE) this.#last[cpu] = previous;
    else this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    this.#cpu[task] = NONE;
    const pending = (this.#pending[cpu] as number) - 1;
    this.#pending[cpu] = pending;
    if (pending === 0) {
      this.#toggleIdle(cpu);
      this.#idleCount += 1;
    }
    return cpu;
  }

  #toggleIdle(cpu: CpuId): void {
    this.#idle[cpu >>> 5] = (this.#idle[cpu >>> 5] as number) ^ (1 << (cpu & 31));
  }
}
