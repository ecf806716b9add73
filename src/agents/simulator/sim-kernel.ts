import { nextInBoth } from '../policy/cpu-bits.ts';
import { type CpuId, NONE, type TaskId } from '../policy/policy.ts';
import { createHeapNodes, HeapPriorityQueue } from '../policy/priority-queue.ts';
import {
  createLinks,
  createMembership,
  LinkedTaskQueue,
  leaveQueue,
  type QueueMembership,
} from '../policy/task-queue.ts';
import {
  DECISION,
  DECISION_FLAG,
  DECISION_WORDS,
  EVENT,
  EVENT_KIND,
  EVENT_WORDS,
} from '../runtime/relay-records.ts';
import { SimTasks, TASK } from './sim-tasks.ts';

/** Is told of every turn that ended. */
export interface TurnSink {
  turn(cpu: CpuId, task: TaskId, start: number, end: number): void;
}

export interface SimKernelOptions {
  readonly cpus: number;
  readonly capacity: number;
  readonly turns: TurnSink;
  /** Asked when a task has computed all that it wanted to. */
  readonly next: (task: TaskId, cpu: CpuId) => void;
}

const WORD = 2 ** 32;
const ENDLESS = Number.MAX_SAFE_INTEGER;
const EXTRAS = 3;

/**
 * The kernel's part of a simulation: CPUs with a queue of their own each, as the local DSQs of sched_ext, one for tasks that may run
 * anywhere, and what happens to tasks. It says what happened in events, and carries decisions out.
 */
export class SimKernel {
  readonly cpus: number;
  readonly maskWords: number;
  readonly tasks: SimTasks;
  /** When what has to happen: CPUs by number, then tasks, then `extra`. */
  readonly agenda: HeapPriorityQueue;
  /** The first of EXTRAS numbers in the agenda that are free for others. */
  readonly extra: number;
  now = 0;
  events = new Uint32Array(256 * EVENT_WORDS);
  eventCount = 0;
  switches = 0;
  migrations = 0;
  preemptions = 0;
  stale = 0;
  fallbacks = 0;
  readonly busy: Float64Array;
  readonly #running: Int32Array;
  readonly #ranLast: Int32Array;
  readonly #started: Float64Array;
  /** Up to when a CPU's time was taken from what its task wants. */
  readonly #counted: Float64Array;
  readonly #sliceEnd: Float64Array;
  readonly #idle: Uint32Array;
  readonly #local: readonly LinkedTaskQueue[];
  readonly #anywhere: LinkedTaskQueue;
  readonly #queued: QueueMembership;
  readonly #turns: TurnSink;
  readonly #next: SimKernelOptions['next'];

  constructor({ cpus, capacity, turns, next }: SimKernelOptions) {
    this.cpus = cpus;
    this.maskWords = Math.ceil(cpus / 32);
    this.tasks = new SimTasks(capacity, this.maskWords);
    this.extra = cpus + capacity;
    this.agenda = new HeapPriorityQueue(
      createMembership(this.extra + EXTRAS),
      createHeapNodes(this.extra + EXTRAS),
    );
    this.busy = new Float64Array(cpus);
    this.#running = new Int32Array(cpus).fill(NONE);
    this.#ranLast = new Int32Array(cpus).fill(NONE);
    this.#started = new Float64Array(cpus);
    this.#counted = new Float64Array(cpus);
    this.#sliceEnd = new Float64Array(cpus);
    this.#idle = new Uint32Array(this.maskWords);
    for (let cpu = 0; cpu < cpus; cpu += 1) this.#flipIdle(cpu);
    this.#queued = createMembership(capacity);
    const links = createLinks(capacity);
    this.#local = Array.from({ length: cpus }, () => new LinkedTaskQueue(this.#queued, links));
    this.#anywhere = new LinkedTaskQueue(this.#queued, links);
    this.#turns = turns;
    this.#next = next;
  }

  running(cpu: CpuId): TaskId {
    return this.#running[cpu] ?? NONE;
  }

  /** How many tasks wait in the queue of a CPU. */
  queued(cpu: CpuId): number {
    return this.#local[cpu]?.length ?? 0;
  }

  /** Whether it is runnable and does not run. */
  waits(task: TaskId): boolean {
    const state = this.tasks.state[task];
    return state === TASK.queued || state === TASK.dispatched;
  }

  /** What the agenda said is due. `entry` is a CPU's or a task's number in it. */
  due(entry: number): void {
    if (entry < this.cpus) this.#cpuDue(entry);
    else this.#taskDue(entry - this.cpus);
  }

  /** Its mask and weight are set. It comes under the policy, and wants to run if it does not sleep. */
  arrive(task: TaskId, asleep: number): void {
    const { tasks } = this;
    tasks.state[task] = TASK.asleep;
    tasks.runtime[task] = 0;
    this.#say(EVENT_KIND.new, task, tasks.cpu[task] as number);
    if (asleep > 0) this.agenda.push(this.cpus + task, this.now + asleep);
    else this.#wantsToRun(task);
  }

  wake(task: TaskId): void {
    if (this.tasks.state[task] === TASK.asleep) {
      this.agenda.remove(this.cpus + task);
      this.#wantsToRun(task);
    } else this.tasks.woken[task] = 1;
  }

  /** A running task goes to sleep; for ever, unless woken, when `time` is infinite. */
  sleep(cpu: CpuId, time: number): void {
    const task = this.#stop(cpu, EVENT_KIND.blocked);
    this.tasks.state[task] = TASK.asleep;
    if (time < ENDLESS) this.agenda.push(this.cpus + task, this.now + time);
  }

  yield(cpu: CpuId): void {
    this.#queueAnew(cpu, EVENT_KIND.yielded);
  }

  preempt(cpu: CpuId): void {
    if (this.running(cpu) === NONE) return;
    this.preemptions += 1;
    this.#queueAnew(cpu, EVENT_KIND.preempted);
    this.#pull(cpu);
  }

  depart(cpu: CpuId, time: number): void {
    const task = this.#stop(cpu, EVENT_KIND.departed);
    this.tasks.state[task] = TASK.away;
    this.agenda.push(this.cpus + task, this.now + time);
  }

  exit(cpu: CpuId): void {
    const task = this.#stop(cpu, EVENT_KIND.blocked);
    this.#say(EVENT_KIND.dead, task, cpu);
    this.tasks.free(task);
  }

  /** The mask is set anew. */
  affinityChanged(task: TaskId): void {
    const { tasks } = this;
    if (tasks.state[task] === TASK.away) return;
    const cpu = tasks.cpu[task] as number;
    this.#say(EVENT_KIND.affinityChanged, task, cpu);
    this.#requeue(task);
    if (tasks.state[task] !== TASK.running || tasks.allows(task, cpu)) return;
    this.#queueAnew(cpu, EVENT_KIND.preempted);
    this.#pull(cpu);
  }

  priorityChanged(task: TaskId): void {
    if (this.tasks.state[task] === TASK.away) return;
    this.#say(EVENT_KIND.priorityChanged, task, this.tasks.cpu[task] as number);
    this.#requeue(task);
  }

  tick(): void {
    for (let cpu = 0; cpu < this.cpus; cpu += 1)
      if (this.running(cpu) !== NONE) this.#say(EVENT_KIND.tick, 0, cpu);
  }

  carryOut(decisions: Uint32Array, count: number): void {
    for (let at = 0; at < count * DECISION_WORDS; at += DECISION_WORDS) {
      const cpu = (decisions[at + DECISION.cpu] as number) | 0;
      const flags = decisions[at + DECISION.flags] as number;
      if ((flags & DECISION_FLAG.kick) !== 0) {
        this.preempt(cpu);
        continue;
      }
      const task = decisions[at + DECISION.task] as number;
      if (
        this.tasks.state[task] !== TASK.queued ||
        this.tasks.sequence[task] !== decisions[at + DECISION.sequence]
      ) {
        this.stale += 1;
        continue;
      }
      const high = decisions[at + DECISION.slice + 1] as number;
      const slice = (decisions[at + DECISION.slice] as number) + high * WORD;
      this.tasks.slice[task] = Math.min(slice, ENDLESS);
      this.tasks.state[task] = TASK.dispatched;
      if (cpu >= 0 && this.tasks.allows(task, cpu)) this.#dispatch(task, cpu, flags);
      else {
        if (cpu >= 0) this.fallbacks += 1;
        this.#dispatchAnywhere(task);
      }
    }
  }

  /** Counts the turns that go on, and the waits, up to now: for the end of a simulation. */
  settle(): void {
    const { tasks } = this;
    for (let cpu = 0; cpu < this.cpus; cpu += 1) {
      const task = this.running(cpu);
      if (task === NONE) continue;
      const ran = this.now - (this.#started[cpu] as number);
      this.busy[cpu] = (this.busy[cpu] as number) + ran;
      tasks.totalRan[task] = (tasks.totalRan[task] as number) + ran;
      this.#turns.turn(cpu, task, this.#started[cpu] as number, this.now);
    }
    for (let task = 0; task < tasks.highest; task += 1) {
      if (!this.waits(task)) continue;
      tasks.totalWaited[task] =
        (tasks.totalWaited[task] as number) + this.now - (tasks.since[task] as number);
    }
  }

  #cpuDue(cpu: CpuId): void {
    this.#count(cpu);
    const task = this.#running[cpu] as number;
    if ((this.tasks.wants[task] as number) <= 0) this.#next(task, cpu);
    if (this.running(cpu) === task) {
      if (this.now >= (this.#sliceEnd[cpu] as number)) this.#queueAnew(cpu, EVENT_KIND.preempted);
      else this.#arm(cpu);
    }
    this.#pull(cpu);
  }

  #taskDue(task: TaskId): void {
    if (this.tasks.state[task] === TASK.away) this.arrive(task, 0);
    else this.#wantsToRun(task);
  }

  #wantsToRun(task: TaskId): void {
    const { tasks } = this;
    tasks.state[task] = TASK.queued;
    tasks.since[task] = this.now;
    tasks.sequence[task] = (tasks.sequence[task] as number) + 1;
    this.#say(EVENT_KIND.runnable, task, tasks.cpu[task] as number);
  }

  /** Ends the turn on a CPU; the task wants to go on. */
  #queueAnew(cpu: CpuId, kind: number): void {
    const { tasks } = this;
    const task = this.#running[cpu] as number;
    tasks.sequence[task] = (tasks.sequence[task] as number) + 1;
    this.#stop(cpu, kind);
    tasks.state[task] = TASK.queued;
    tasks.since[task] = this.now;
  }

  /** As the kernel does when something about a task that waits changes: out of its queue and in again. */
  #requeue(task: TaskId): void {
    const { tasks } = this;
    if (tasks.state[task] !== TASK.dispatched && tasks.state[task] !== TASK.queued) return;
    leaveQueue(this.#queued, task);
    const since = tasks.since[task] as number;
    this.#wantsToRun(task);
    tasks.since[task] = since;
  }

  #dispatch(task: TaskId, cpu: CpuId, flags: number): void {
    const queue = this.#local[cpu] as LinkedTaskQueue;
    if (flags === 0) queue.push(task);
    else queue.unshift(task);
    if (this.running(cpu) === NONE) this.#pull(cpu);
    else if ((flags & DECISION_FLAG.preempt) !== 0) this.preempt(cpu);
  }

  #dispatchAnywhere(task: TaskId): void {
    const { tasks } = this;
    const from = tasks.cpu[task] as number;
    const cpu = nextInBoth(tasks.masks, task * this.maskWords, this.#idle, this.maskWords, from);
    if (cpu === NONE) this.#anywhere.push(task);
    else this.#start(cpu, task);
  }

  /** An idle CPU takes what waits for it. */
  #pull(cpu: CpuId): void {
    if (this.running(cpu) !== NONE) return;
    let task = (this.#local[cpu] as LinkedTaskQueue).shift();
    if (task === NONE && this.#anywhere.length > 0) {
      task = this.#anywhere.peek();
      while (task !== NONE && !this.tasks.allows(task, cpu)) task = this.#anywhere.after(task);
      if (task !== NONE) this.#anywhere.remove(task);
    }
    if (task !== NONE) this.#start(cpu, task);
  }

  #start(cpu: CpuId, task: TaskId): void {
    const { tasks, now } = this;
    tasks.state[task] = TASK.running;
    tasks.waited[task] = now - (tasks.since[task] as number);
    if (tasks.cpu[task] !== cpu && (tasks.totalRan[task] as number) > 0) this.migrations += 1;
    tasks.cpu[task] = cpu;
    if (this.#ranLast[cpu] !== task) this.switches += 1;
    this.#ranLast[cpu] = task;
    this.#running[cpu] = task;
    this.#started[cpu] = now;
    this.#counted[cpu] = now;
    this.#sliceEnd[cpu] = now + (tasks.slice[task] as number);
    this.#flipIdle(cpu);
    this.#arm(cpu);
  }

  #arm(cpu: CpuId): void {
    const done = this.now + (this.tasks.wants[this.#running[cpu] as number] as number);
    this.agenda.push(cpu, Math.min(done, this.#sliceEnd[cpu] as number));
  }

  #count(cpu: CpuId): void {
    const { tasks } = this;
    const task = this.#running[cpu] as number;
    tasks.wants[task] = (tasks.wants[task] as number) - (this.now - (this.#counted[cpu] as number));
    this.#counted[cpu] = this.now;
  }

  #stop(cpu: CpuId, kind: number): TaskId {
    const { tasks } = this;
    this.#count(cpu);
    const task = this.#running[cpu] as number;
    const started = this.#started[cpu] as number;
    const ran = this.now - started;
    this.agenda.remove(cpu);
    this.#running[cpu] = NONE;
    this.#flipIdle(cpu);
    this.busy[cpu] = (this.busy[cpu] as number) + ran;
    tasks.runtime[task] = (tasks.runtime[task] as number) + ran;
    tasks.totalRan[task] = (tasks.totalRan[task] as number) + ran;
    tasks.totalWaited[task] = (tasks.totalWaited[task] as number) + (tasks.waited[task] as number);
    this.#turns.turn(cpu, task, started, this.now);
    this.#say(kind, task, cpu, ran, tasks.waited[task] as number);
    return task;
  }

  #say(kind: number, task: TaskId, cpu: CpuId, ran = 0, waited = 0): void {
    if ((this.eventCount + 1) * EVENT_WORDS > this.events.length) {
      const larger = new Uint32Array(this.events.length * 2);
      larger.set(this.events);
      this.events = larger;
    }
    const { tasks, events } = this;
    const at = this.eventCount * EVENT_WORDS;
    this.eventCount += 1;
    events[at + EVENT.kind] = kind;
    events[at + EVENT.task] = task;
    events[at + EVENT.sequence] = tasks.sequence[task] as number;
    events[at + EVENT.cpu] = cpu;
    events[at + EVENT.pid] = tasks.pid(task);
    events[at + EVENT.tgid] = tasks.pid(task);
    events[at + EVENT.weight] = tasks.weight[task] as number;
    events[at + EVENT.flags] = 0;
    wide(events, at + EVENT.time, this.now);
    wide(events, at + EVENT.ran, ran);
    wide(events, at + EVENT.waited, waited);
    wide(events, at + EVENT.runtime, tasks.runtime[task] as number);
  }

  #flipIdle(cpu: CpuId): void {
    this.#idle[cpu >>> 5] = (this.#idle[cpu >>> 5] as number) ^ (1 << (cpu & 31));
  }
}

function wide(words: Uint32Array, at: number, value: number): void {
  words[at] = value >>> 0;
  words[at + 1] = (value / WORD) >>> 0;
}
