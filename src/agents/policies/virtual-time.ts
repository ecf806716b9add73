import { type CpuId, NONE, type TaskId, type Tasks } from '../policy/policy.ts';

/** The weight of nice 0: its time counts as it is. */
const NICE_0 = 100;

/**
 * The books of a fair scheduler: how much each task has had, in time that passes more slowly the more weight the task has. Times of
 * the tasks of a CPU compare with one another; a task that changes its CPU keeps its distance to what the others have had.
 */
export class VirtualTime {
  readonly #tasks: Tasks;
  /** Of each task: its time (without a CPU: the distance), its CPU, and the weight that was counted there. */
  readonly #time: Float64Array;
  readonly #cpu: Int32Array;
  readonly #weight: Float64Array;
  /** Of each CPU: what the tasks that had least have had, which never goes back, and the weight of all. */
  readonly #least: Float64Array;
  readonly #load: Float64Array;

  constructor(tasks: Tasks, cpus: number) {
    this.#tasks = tasks;
    this.#time = new Float64Array(tasks.capacity);
    this.#cpu = new Int32Array(tasks.capacity).fill(NONE);
    this.#weight = new Float64Array(tasks.capacity);
    this.#least = new Float64Array(cpus);
    this.#load = new Float64Array(cpus);
  }

  of(task: TaskId): number {
    return this.#time[task] as number;
  }

  /** The CPU that a task was counted on; NONE. */
  cpuOf(task: TaskId): CpuId {
    return this.#cpu[task] as number;
  }

  /** Weight of all tasks of a CPU. */
  load(cpu: CpuId): number {
    return this.#load[cpu] as number;
  }

  /** Of `whole`, what is due to a task on its CPU by weight. */
  share(task: TaskId, whole: number): number {
    return (whole * (this.#weight[task] as number)) / this.load(this.cpuOf(task));
  }

  /** How long a time is for a task. */
  scaled(task: TaskId, time: number): number {
    return (time * NICE_0) / this.#tasks.weight(task);
  }

  /**
   * A new task begins that far behind: who starts others all the time would else keep the CPU from everybody who was there
   * before, for they would always have had least.
   */
  isNew(task: TaskId, debit: number): void {
    this.leave(task);
    this.#time[task] = debit;
  }

  /** Counts a task on a CPU, and no longer on another. */
  join(task: TaskId, cpu: CpuId): void {
    this.leave(task);
    this.#cpu[task] = cpu;
    this.#weight[task] = this.#tasks.weight(task);
    this.#time[task] = this.of(task) + (this.#least[cpu] as number);
    this.#load[cpu] = this.load(cpu) + (this.#weight[task] as number);
  }

  leave(task: TaskId): void {
    const cpu = this.cpuOf(task);
    if (cpu === NONE) return;
    this.#cpu[task] = NONE;
    this.#time[task] = this.of(task) - (this.#least[cpu] as number);
    this.#load[cpu] = this.load(cpu) - (this.#weight[task] as number);
  }

  /** Counts the turn that ended, as `atLeast` that long. `leastWaiting`: of those that wait on the CPU; Infinity. */
  charge(task: TaskId, leastWaiting: number, atLeast: number): void {
    const cpu = this.cpuOf(task);
    if (cpu === NONE) return;
    this.#time[task] = this.of(task) + this.scaled(task, Math.max(this.#tasks.ran(task), atLeast));
    this.#least[cpu] = Math.max(this.#least[cpu] as number, Math.min(this.of(task), leastWaiting));
  }

  /** Who was away for long has no claim to all that time: `credit` of it at most. */
  limitCredit(task: TaskId, credit: number): void {
    if (this.cpuOf(task) === NONE) this.#time[task] = Math.max(this.of(task), -credit);
  }
}
