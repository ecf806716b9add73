import { nextInBoth } from '../policy/cpu-bits.ts';
import type { CpuId, TaskId, Tasks } from '../policy/policy.ts';

/** What a policy is in charge of, for each task. */
export const ABSENT = 0;
export const ASLEEP = 1;
/** The policy's: it was told of it and has not run it. */
export const WAITING = 2;
/** `run` was called; its turn has not ended. */
export const SENT = 3;

export interface TaskTableOptions {
  readonly capacity: number;
  readonly cpuCount: number;
  /** Masks of all tasks behind one another, `maskWords` each; the kernel may change them at any time. */
  readonly masks: Uint32Array;
  readonly maskWords: number;
  readonly hints: TaskHints;
}

/** What tasks said of themselves, by thread id. */
export interface TaskHints {
  /** Absolute, ns; Infinity without one. */
  deadline(pid: number): number;
  /** 0 without one. */
  qos(pid: number): number;
}

const NICE_0_WEIGHT = 100;
const WEIGHT_STEP = Math.log(1.25);

/** All that is known of tasks, one array for each property: nothing is allocated when a task comes or goes. */
export class TaskTable implements Tasks {
  readonly capacity: number;
  readonly state: Uint8Array;
  readonly sequences: Uint32Array;
  readonly pids: Int32Array;
  readonly tgids: Int32Array;
  readonly weights: Uint32Array;
  readonly cpus: Int32Array;
  readonly cpuCounts: Int32Array;
  readonly runtimes: Float64Array;
  readonly rans: Float64Array;
  readonly runnableSinces: Float64Array;
  count = 0;
  waiting = 0;
  readonly #hints: TaskHints;
  readonly #live: Uint32Array;
  /** As the last event had them: a decision must not look wrong because a mask changed before the policy heard of it. */
  readonly #masks: Uint32Array;
  readonly #words: number;
  readonly #every: Uint32Array;
  readonly #cpuCount: number;

  constructor({ capacity, cpuCount, masks, maskWords, hints }: TaskTableOptions) {
    this.capacity = capacity;
    this.state = new Uint8Array(capacity);
    this.sequences = new Uint32Array(capacity);
    this.pids = new Int32Array(capacity);
    this.tgids = new Int32Array(capacity);
    this.weights = new Uint32Array(capacity);
    this.cpus = new Int32Array(capacity);
    this.cpuCounts = new Int32Array(capacity);
    this.runtimes = new Float64Array(capacity);
    this.rans = new Float64Array(capacity);
    this.runnableSinces = new Float64Array(capacity);
    this.#hints = hints;
    this.#live = masks;
    this.#masks = new Uint32Array(capacity * maskWords);
    this.#words = maskWords;
    this.#every = new Uint32Array(maskWords).fill(0xffffffff);
    this.#cpuCount = cpuCount;
  }

  pid(task: TaskId): number {
    return this.pids[task] as number;
  }

  tgid(task: TaskId): number {
    return this.tgids[task] as number;
  }

  weight(task: TaskId): number {
    return this.weights[task] as number;
  }

  nice(task: TaskId): number {
    const steps = Math.log((this.weights[task] as number) / NICE_0_WEIGHT) / WEIGHT_STEP;
    return Math.max(-20, Math.min(19, -Math.round(steps)));
  }

  allows(task: TaskId, cpu: CpuId): boolean {
    if (!(cpu >= 0 && cpu < this.#cpuCount)) return false;
    return (((this.#masks[task * this.#words + (cpu >>> 5)] as number) >>> (cpu & 31)) & 1) !== 0;
  }

  cpuCount(task: TaskId): number {
    return this.cpuCounts[task] as number;
  }

  lastCpu(task: TaskId): CpuId {
    return this.cpus[task] as number;
  }

  allowedCpu(task: TaskId): CpuId {
    return this.nextAllowedIn(task, this.#every);
  }

  runtime(task: TaskId): number {
    return this.runtimes[task] as number;
  }

  ran(task: TaskId): number {
    return this.rans[task] as number;
  }

  runnableSince(task: TaskId): number {
    return this.runnableSinces[task] as number;
  }

  isWaiting(task: TaskId): boolean {
    return this.state[task] === WAITING;
  }

  deadline(task: TaskId): number {
    return this.#hints.deadline(this.pids[task] as number);
  }

  qos(task: TaskId): number {
    return this.#hints.qos(this.pids[task] as number);
  }

  /** Of the CPUs that are set in `cpus` and allowed: the last one of the task, else the next; NONE. */
  nextAllowedIn(task: TaskId, cpus: Uint32Array): CpuId {
    return nextInBoth(this.#masks, task * this.#words, cpus, this.#words, this.cpus[task] as number);
  }

  /**
   * Takes over the mask as the kernel has it now; bits of CPUs that do not exist are dropped. A mask without any, which no task
   * has, stands for all.
   */
  readMask(task: TaskId): void {
    const base = task * this.#words;
    const last = (this.#cpuCount - 1) >>> 5;
    const any = this.#anyBit(base, last);
    let count = 0;
    for (let index = 0; index < this.#words; index += 1) {
      let bits = index > last ? 0 : any ? (this.#live[base + index] as number) : -1;
      if (index === last) bits &= -1 >>> (31 - ((this.#cpuCount - 1) & 31));
      this.#masks[base + index] = bits;
      count += popcount(bits);
    }
    this.cpuCounts[task] = count;
  }

  #anyBit(base: number, last: number): boolean {
    for (let index = 0; index < last; index += 1) if (this.#live[base + index] !== 0) return true;
    return ((this.#live[base + last] as number) & (-1 >>> (31 - ((this.#cpuCount - 1) & 31)))) !== 0;
  }
}

function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
