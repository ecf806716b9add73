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

/** Words of a task's record, and which is what. */
const WORDS = 8;
const STATE = 0;
const SEQUENCE = 1;
const PID = 2;
const TGID = 3;
const WEIGHT = 4;
const CPU = 5;
const CPU_COUNT = 6;

/** The same for its times. */
const TIMES = 4;
const RUNTIME = 0;
const RAN = 1;
const RUNNABLE_SINCE = 2;

/**
 * All that is known of tasks. Records lie in two arrays, one of words and one of times: nothing is allocated when a task comes or
 * goes, an event touches two cache lines, and the engine checks two arrays instead of ten.
 */
export class TaskTable implements Tasks {
  readonly capacity: number;
  count = 0;
  waiting = 0;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #hints: TaskHints;
  readonly #live: Uint32Array;
  /** As the last event had them: a decision must not look wrong because a mask changed before the policy heard of it. */
  readonly #masks: Uint32Array;
  readonly #maskWords: number;
  readonly #every: Uint32Array;
  readonly #cpuCount: number;

  constructor({ capacity, cpuCount, masks, maskWords, hints }: TaskTableOptions) {
    this.capacity = capacity;
    this.#words = new Int32Array(capacity * WORDS);
    this.#times = new Float64Array(capacity * TIMES);
    this.#hints = hints;
    this.#live = masks;
    this.#masks = new Uint32Array(capacity * maskWords);
    this.#maskWords = maskWords;
    this.#every = new Uint32Array(maskWords).fill(0xffffffff);
    this.#cpuCount = cpuCount;
  }

  /** ABSENT for a whole number that is no task at all. */
  state(task: TaskId): number {
    return this.#words[task * WORDS + STATE] ?? ABSENT;
  }

  sequence(task: TaskId): number {
    return this.#words[task * WORDS + SEQUENCE] as number;
  }

  pid(task: TaskId): number {
    return this.#words[task * WORDS + PID] as number;
  }

  tgid(task: TaskId): number {
    return this.#words[task * WORDS + TGID] as number;
  }

  weight(task: TaskId): number {
    return this.#words[task * WORDS + WEIGHT] as number;
  }

  nice(task: TaskId): number {
    const steps = Math.log(this.weight(task) / NICE_0_WEIGHT) / WEIGHT_STEP;
    return Math.max(-20, Math.min(19, -Math.round(steps)));
  }

  allows(task: TaskId, cpu: CpuId): boolean {
    if (!(cpu >= 0 && cpu < this.#cpuCount)) return false;
    return (((this.#masks[task * this.#maskWords + (cpu >>> 5)] as number) >>> (cpu & 31)) & 1) !== 0;
  }

  cpuCount(task: TaskId): number {
    return this.#words[task * WORDS + CPU_COUNT] as number;
  }

  lastCpu(task: TaskId): CpuId {
    return this.#words[task * WORDS + CPU] as number;
  }

  allowedCpu(task: TaskId): CpuId {
    const last = this.lastCpu(task);
    return this.allows(task, last) ? last : this.nextAllowedIn(task, this.#every);
  }

  runtime(task: TaskId): number {
    return this.#times[task * TIMES + RUNTIME] as number;
  }

  ran(task: TaskId): number {
    return this.#times[task * TIMES + RAN] as number;
  }

  runnableSince(task: TaskId): number {
    return this.#times[task * TIMES + RUNNABLE_SINCE] as number;
  }

  isWaiting(task: TaskId): boolean {
    return this.state(task) === WAITING;
  }

  deadline(task: TaskId): number {
    return this.#hints.deadline(this.pid(task));
  }

  qos(task: TaskId): number {
    return this.#hints.qos(this.pid(task));
  }

  /** Of the CPUs that are set in `cpus` and allowed: the last one of the task, else the next; NONE. */
  nextAllowedIn(task: TaskId, cpus: Uint32Array): CpuId {
    const words = this.#maskWords;
    return nextInBoth(this.#masks, task * words, cpus, words, this.lastCpu(task));
  }

  /** A task comes: asleep, and runnable since now for all that is known. */
  add(task: TaskId, pid: number, tgid: number, now: number): void {
    const at = task * WORDS;
    this.#words[at + STATE] = ASLEEP;
    this.#words[at + PID] = pid;
    this.#words[at + TGID] = tgid;
    this.#times[task * TIMES + RAN] = 0;
    this.#times[task * TIMES + RUNNABLE_SINCE] = now;
    this.count += 1;
    this.readMask(task);
  }

  setState(task: TaskId, state: number): void {
    this.#words[task * WORDS + STATE] = state;
  }

  /** It waits from now on; the decision about it has to quote `sequence`. */
  setWaiting(task: TaskId, now: number): void {
    this.#words[task * WORDS + STATE] = WAITING;
    this.#times[task * TIMES + RUNNABLE_SINCE] = now;
    this.waiting += 1;
  }

  setSequence(task: TaskId, sequence: number): void {
    this.#words[task * WORDS + SEQUENCE] = sequence;
  }

  setPlace(task: TaskId, cpu: CpuId, weight: number): void {
    const at = task * WORDS;
    this.#words[at + CPU] = cpu;
    this.#words[at + WEIGHT] = weight;
  }

  setTimes(task: TaskId, ran: number, runtime: number): void {
    const at = task * TIMES;
    this.#times[at + RAN] = ran;
    this.#times[at + RUNTIME] = runtime;
  }

  /**
   * Takes over the mask as the kernel has it now; bits of CPUs that do not exist are dropped. A mask without any, which no task
   * has, stands for all.
   */
  readMask(task: TaskId): void {
    const base = task * this.#maskWords;
    const last = (this.#cpuCount - 1) >>> 5;
    const any = this.#anyBit(base, last);
    let count = 0;
    for (let index = 0; index < this.#maskWords; index += 1) {
      let bits = index > last ? 0 : any ? (this.#live[base + index] as number) : -1;
      if (index === last) bits &= -1 >>> (31 - ((this.#cpuCount - 1) & 31));
      this.#masks[base + index] = bits;
      count += popcount(bits);
    }
    this.#words[task * WORDS + CPU_COUNT] = count;
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
