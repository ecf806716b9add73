import { type CpuId, NONE, type TaskId } from '../policy/policy.ts';

/** Where a simulated task is. */
export const TASK = {
  /** No task has the number. */
  free: 0,
  asleep: 1,
  /** The policy's: it waits for a decision. */
  queued: 2,
  /** Decided upon; in a queue of the kernel. */
  dispatched: 3,
  running: 4,
  /** Under another scheduler. */
  away: 5,
} as const;

const MAX_PID = 2 ** 30;
const MAX_GENERATIONS = 1 << 16;

/** Simulated tasks, one array for each property. A number is used again when its task has ended. */
export class SimTasks {
  readonly capacity: number;
  readonly state: Uint8Array;
  readonly sequence: Uint32Array;
  readonly cpu: Int32Array;
  readonly weight: Uint32Array;
  readonly kind: Int32Array;
  readonly rounds: Float64Array;
  readonly woken: Uint8Array;
  readonly qos: Int32Array;
  /** How much it wants to compute before it does something else. */
  readonly wants: Float64Array;
  readonly slice: Float64Array;
  /** When it became runnable. */
  readonly since: Float64Array;
  /** Before its present turn. */
  readonly waited: Float64Array;
  /** Under the policy, since it came. */
  readonly runtime: Float64Array;
  readonly totalRan: Float64Array;
  readonly totalWaited: Float64Array;
  readonly deadline: Float64Array;
  readonly masks: Uint32Array;
  /** Numbers from here on were never used. */
  highest = 0;
  alive = 0;
  created = 0;
  /** Is told of a task that ended, with its totals. */
  onEnd: (ran: number, waited: number, weight: number) => void = () => {};
  readonly #words: number;
  readonly #generations: Int32Array;
  readonly #generationLimit: number;
  readonly #nextFree: Int32Array;
  #free = NONE;

  constructor(capacity: number, maskWords: number) {
    this.capacity = capacity;
    this.state = new Uint8Array(capacity);
    this.sequence = new Uint32Array(capacity);
    this.cpu = new Int32Array(capacity);
    this.weight = new Uint32Array(capacity);
    this.kind = new Int32Array(capacity);
    this.rounds = new Float64Array(capacity);
    this.woken = new Uint8Array(capacity);
    this.qos = new Int32Array(capacity);
    this.wants = new Float64Array(capacity);
    this.slice = new Float64Array(capacity);
    this.since = new Float64Array(capacity);
    this.waited = new Float64Array(capacity);
    this.runtime = new Float64Array(capacity);
    this.totalRan = new Float64Array(capacity);
    this.totalWaited = new Float64Array(capacity);
    this.deadline = new Float64Array(capacity);
    this.masks = new Uint32Array(capacity * maskWords);
    this.#words = maskWords;
    this.#generations = new Int32Array(capacity).fill(-1);
    this.#generationLimit = Math.max(1, Math.min(MAX_GENERATIONS, Math.floor(MAX_PID / capacity)));
    this.#nextFree = new Int32Array(capacity);
  }

  /** NONE when all numbers are used. Everything about the task is as new, but its mask. */
  take(): TaskId {
    let task = this.#free;
    if (task !== NONE) this.#free = this.#nextFree[task] as number;
    else if (this.highest < this.capacity) {
      task = this.highest;
      this.highest += 1;
    } else return NONE;
    this.#generations[task] = ((this.#generations[task] as number) + 1) % this.#generationLimit;
    this.rounds[task] = 0;
    this.woken[task] = 0;
    this.waited[task] = 0;
    this.totalRan[task] = 0;
    this.totalWaited[task] = 0;
    this.alive += 1;
    this.created += 1;
    return task;
  }

  free(task: TaskId): void {
    this.onEnd(this.totalRan[task] as number, this.totalWaited[task] as number, this.weight[task] as number);
    this.state[task] = TASK.free;
    this.#nextFree[task] = this.#free;
    this.#free = task;
    this.alive -= 1;
  }

  /** Another one each time that the number is taken. */
  pid(task: TaskId): number {
    return (this.#generations[task] as number) * this.capacity + task + 1;
  }

  taskOf(pid: number): TaskId {
    return (pid - 1) % this.capacity;
  }

  allows(task: TaskId, cpu: CpuId): boolean {
    return (((this.masks[task * this.#words + (cpu >>> 5)] as number) >>> (cpu & 31)) & 1) !== 0;
  }

  setMask(task: TaskId, cpus: readonly CpuId[] | undefined): void {
    const base = task * this.#words;
    this.masks.fill(cpus ? 0 : 0xffffffff, base, base + this.#words);
    for (const cpu of cpus ?? []) {
      const at = base + (cpu >>> 5);
      this.masks[at] = (this.masks[at] as number) | (1 << (cpu & 31));
    }
  }
}
