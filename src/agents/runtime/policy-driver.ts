import { Failure } from '../../core/failure.ts';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import { ANY_CPU, type CpuId, NONE, type Policy, type TaskId } from '../policy/policy.ts';
import { createMembership, leaveQueue, type QueueMembership } from '../policy/task-queue.ts';
import { CALL, callName } from './call-name.ts';
import { completePolicy } from './complete-policy.ts';
import { CpuTable, type CpuTopology } from './cpu-table.ts';
import { createPolicyContext } from './policy-context.ts';
import { MistakeError, PolicyError } from './policy-error.ts';
import { type RecentDecision, RecentDecisions } from './recent-decisions.ts';
import {
  DECISION,
  DECISION_FLAG,
  DECISION_WORDS,
  EVENT,
  EVENT_KIND,
  EVENT_WORDS,
  MASK_WORDS,
  RUN_FLAGS,
} from './relay-records.ts';
import { ABSENT, ASLEEP, SENT, type TaskHints, TaskTable, WAITING } from './task-table.ts';
import { whyNot } from './why-not.ts';

/** Where events come from and decisions go: a kernel, or the simulator. */
export interface PolicyBackend {
  /** Numbers of tasks are below this. */
  readonly capacity: number;
  readonly cpuCount: number;
  /** Allowed CPUs, `maskWords` words for each task. */
  readonly masks: Uint32Array;
  /** Default: MASK_WORDS. */
  readonly maskWords?: number;
  readonly topology: CpuTopology;
  readonly hints: TaskHints;
  /** Room for decisions, DECISION_WORDS words each. */
  readonly decisions: Uint32Array;
  /** The first `count` of `decisions` are to be carried out; the room is used again afterwards. */
  flush(count: number): void;
}

/** Is shown every event about a task, before the policy. */
export interface MetricsSink {
  event(events: Uint32Array, offset: number): void;
}

export interface PolicyDriverOptions {
  readonly definition: PolicyDefinition;
  /** As readParams gives them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly backend: PolicyBackend;
  readonly metrics?: MetricsSink;
}

/** Makes decisions of events by asking a policy. Methods throw a PolicyError for a mistake of the policy; it is done for then. */
export interface PolicyDriver {
  /** Whether the policy wants an event for every timer tick. */
  readonly wantsTicks: boolean;
  /** `count` events, EVENT_WORDS words each. Throws a Failure for an event that cannot be. */
  handle(events: Uint32Array, count: number): void;
  /** The time that `nextTimer` asked for has come; `now` in ns. */
  timer(now: number): void;
  /** ns; Infinity: never. */
  nextTimer(): number;
  /** The last 64, the oldest first. */
  recentDecisions(): readonly RecentDecision[];
}

/** Calls the policy's `create`. Throws a PolicyError when that throws or gives no policy. */
export function createPolicyDriver(options: PolicyDriverOptions): PolicyDriver {
  return new Driver(options);
}

const WORD = 2 ** 32;
const ALL_ONES = 0xffffffff;

// Copies, for a member of an imported object costs more than the rest of reading a word.
const { time: TIME, kind: KIND, task: TASK, sequence: SEQUENCE, cpu: CPU, pid: PID, tgid: TGID } = EVENT;
const { weight: WEIGHT, ran: RAN, runtime: RUNTIME } = EVENT;
const { new: NEW, runnable: RUNNABLE, preempted: PREEMPTED, yielded: YIELDED, blocked: BLOCKED } = EVENT_KIND;
const { departed: DEPARTED, dead: DEAD, tick: TICK, heartbeat: HEARTBEAT } = EVENT_KIND;
const { affinityChanged: AFFINITY_CHANGED, priorityChanged: PRIORITY_CHANGED } = EVENT_KIND;
const { task: TO_TASK, sequence: TO_SEQUENCE, cpu: TO_CPU, flags: FLAGS, slice: SLICE } = DECISION;
const NOT_FLAGS = ~RUN_FLAGS;

class Driver implements PolicyDriver {
  readonly wantsTicks: boolean;
  readonly #backend: PolicyBackend;
  readonly #decisions: Uint32Array;
  readonly #room: number;
  readonly #metrics: MetricsSink | undefined;
  readonly #tasks: TaskTable;
  readonly #cpus: CpuTable;
  readonly #members: QueueMembership;
  readonly #policy: Required<Policy>;
  readonly #recent = new RecentDecisions();
  /** A number of its own would be a new object each time that it changes. */
  readonly #clock = new Float64Array(1);
  #decided = 0;
  #started = false;
  /** What the policy is asked just now: an event's kind, or one of CALL. */
  #asked: number = CALL.create;
  #askedOf = NONE;
  #failure: Error | undefined;

  constructor({ definition, params, backend, metrics }: PolicyDriverOptions) {
    const { capacity, cpuCount, masks, maskWords = MASK_WORDS, hints, topology } = backend;
    if (masks.length < capacity * maskWords || cpuCount > maskWords * 32)
      throw new RangeError('the masks have no room for all tasks and CPUs');
    this.#backend = backend;
    this.#decisions = backend.decisions;
    this.#room = Math.floor(backend.decisions.length / DECISION_WORDS);
    if (this.#room === 0) throw new RangeError('there is no room for a decision');
    this.#metrics = metrics;
    this.#tasks = new TaskTable({ capacity, cpuCount, masks, maskWords, hints });
    this.#cpus = new CpuTable(cpuCount, maskWords, this.#tasks, topology);
    this.#members = createMembership(capacity);
    try {
      const policy = definition.create(
        createPolicyContext({
          ...{ params, tasks: this.#tasks, cpus: this.#cpus, members: this.#members, clock: this.#clock },
          run: (task, cpu, slice, flags = 0) => this.#run(task, cpu, slice, flags),
          preempt: (cpu) => this.#preempt(cpu),
        }),
      );
      this.#policy = completePolicy(policy);
      this.wantsTicks = policy.cpuTick !== undefined;
    } catch (error) {
      throw this.#blame(error);
    }
  }

  handle(events: Uint32Array, count: number): void {
    if (this.#failure) throw this.#failure;
    if (!(count >= 0 && count * EVENT_WORDS <= events.length)) throw badEvent(`${count} events do not fit`);
    try {
      const end = count * EVENT_WORDS;
      if (!this.#started && count > 0) this.#start(events);
      for (let offset = 0; offset < end; offset += EVENT_WORDS) this.#event(events, offset);
      this.#schedule();
    } catch (error) {
      throw this.#blame(error);
    }
    if (this.#failure) throw this.#failure;
  }

  timer(now: number): void {
    if (this.#failure) throw this.#failure;
    try {
      this.#advance(now);
      this.#schedule();
    } catch (error) {
      throw this.#blame(error);
    }
    if (this.#failure) throw this.#failure;
  }

  #schedule(): void {
    this.#asked = CALL.schedule;
    this.#policy.schedule();
    if (this.#decided > 0) this.#flush();
  }

  nextTimer(): number {
    if (this.#failure) throw this.#failure;
    try {
      this.#asked = CALL.nextTimer;
      const at = this.#policy.nextTimer();
      if (typeof at !== 'number' || Number.isNaN(at)) throw new MistakeError(`it gave ${at}, not a time`);
      return at;
    } catch (error) {
      throw this.#blame(error);
    }
  }

  recentDecisions(): readonly RecentDecision[] {
    return this.#recent.list();
  }

  #start(events: Uint32Array): void {
    this.#started = true;
    this.#advance(wide(events, EVENT.time));
    for (let cpu = 0; cpu < this.#cpus.count; cpu += 1) this.#idle(cpu);
  }

  /** Rings of several CPUs are drained one after another: time may seem to go back a little, and must not. */
  #advance(time: number): void {
    if (time > (this.#clock[0] as number)) this.#clock[0] = time;
  }

  #event(events: Uint32Array, offset: number): void {
    const kind = events[offset + KIND] as number;
    this.#advance(wide(events, offset + TIME));
    if (kind === HEARTBEAT) return;
    const cpu = (events[offset + CPU] as number) | 0;
    if (!(cpu >= 0 && cpu < this.#cpus.count)) throw badEvent(`there is no CPU ${cpu}`);
    if (kind === TICK) {
      this.#asked = kind;
      this.#askedOf = cpu;
      this.#policy.cpuTick(cpu);
      return;
    }
    const task = events[offset + TASK] as number;
    const tasks = this.#tasks;
    if (task >= tasks.capacity) throw badEvent(`there is no task ${task}`);
    if (!(kind >= NEW && kind <= PRIORITY_CHANGED)) throw badEvent(`of unknown kind ${kind}`);
    this.#metrics?.event(events, offset);
    this.#asked = kind;
    this.#askedOf = task;

    const pid = (events[offset + PID] as number) | 0;
    let state = tasks.state(task);
    if (state !== ABSENT && (kind === NEW || tasks.pid(task) !== pid)) {
      // The number has another owner: what was said of the former's end got lost.
      this.#goes(task, DEAD);
      state = ABSENT;
    }
    if (state === ABSENT) {
      if (kind === DEPARTED || kind === DEAD) return;
      tasks.add(task, pid, events[offset + TGID] as number, this.#clock[0] as number);
    }
    tasks.setPlace(task, cpu, events[offset + WEIGHT] as number);
    if (state === ABSENT) {
      tasks.setTimes(task, 0, wide(events, offset + RUNTIME));
      this.#policy.taskNew(task);
    }

    switch (kind) {
      case NEW:
        return;
      case RUNNABLE:
      case PREEMPTED:
      case YIELDED:
        tasks.setSequence(task, events[offset + SEQUENCE] as number);
        if (kind !== RUNNABLE) this.#turnEnded(task, events, offset);
        this.#waits(task, cpu, kind);
        return;
      case BLOCKED:
        this.#turnEnded(task, events, offset);
        this.#sleeps(task, cpu);
        return;
      case AFFINITY_CHANGED:
        tasks.readMask(task);
        this.#policy.taskAffinityChanged(task);
        return;
      case PRIORITY_CHANGED:
        this.#policy.taskPriorityChanged(task);
        return;
      default:
        this.#goes(task, kind);
    }
  }

  #turnEnded(task: TaskId, events: Uint32Array, offset: number): void {
    this.#tasks.setTimes(task, wide(events, offset + RAN), wide(events, offset + RUNTIME));
  }

  #waits(task: TaskId, cpu: CpuId, kind: number): void {
    const tasks = this.#tasks;
    const state = tasks.state(task);
    // Queued anew by the kernel: the policy has it already.
    if (state === WAITING) return;
    const sentTo = state === SENT ? this.#cpus.remove(task) : NONE;
    // It was not there that it ran (a CPU that is off, say): that CPU is for those who wait for it already, not for this task again.
    if (sentTo !== NONE && (sentTo !== cpu || kind === RUNNABLE) && this.#cpus.pending(sentTo) === 0) {
      this.#idle(sentTo);
      this.#asked = kind;
      this.#askedOf = task;
    }
    tasks.setWaiting(task, this.#clock[0] as number);
    if (kind === RUNNABLE) this.#policy.taskRunnable(task);
    else if (kind === PREEMPTED) this.#policy.taskPreempted(task, cpu);
    else this.#policy.taskYielded(task, cpu);
    if (sentTo !== NONE && this.#cpus.pending(sentTo) === 0) this.#idle(sentTo);
  }

  #sleeps(task: TaskId, cpu: CpuId): void {
    if (this.#tasks.state(task) === ASLEEP) return;
    const sentTo = this.#takeBack(task);
    this.#tasks.setState(task, ASLEEP);
    this.#policy.taskBlocked(task, cpu);
    if (sentTo !== NONE && this.#cpus.pending(sentTo) === 0) this.#idle(sentTo);
  }

  #goes(task: TaskId, kind: number): void {
    const sentTo = this.#takeBack(task);
    this.#tasks.setState(task, ABSENT);
    this.#tasks.count -= 1;
    if (kind === DEAD) this.#policy.taskDead(task);
    else this.#policy.taskDeparted(task);
    // The policy may have put it back into a queue: nobody would take it out.
    leaveQueue(this.#members, task);
    if (sentTo !== NONE && this.#cpus.pending(sentTo) === 0) this.#idle(sentTo);
  }

  #takeBack(task: TaskId): CpuId {
    const tasks = this.#tasks;
    leaveQueue(this.#members, task);
    if (tasks.state(task) === WAITING) tasks.waiting -= 1;
    return tasks.state(task) === SENT ? this.#cpus.remove(task) : NONE;
  }

  #idle(cpu: CpuId): void {
    this.#asked = CALL.cpuIdle;
    this.#askedOf = cpu;
    this.#policy.cpuIdle(cpu);
  }

  #run(task: TaskId, cpu: CpuId, slice: number, flags: number): void {
    const tasks = this.#tasks;
    const possible =
      Number.isInteger(task) &&
      tasks.state(task) === WAITING &&
      (cpu === ANY_CPU || (Number.isInteger(cpu) && tasks.allows(task, cpu))) &&
      slice > 0 &&
      (flags & NOT_FLAGS) === 0;
    if (!possible) this.#refuse(task, cpu, slice, flags);
    leaveQueue(this.#members, task);
    tasks.setState(task, SENT);
    tasks.waiting -= 1;
    if (cpu !== ANY_CPU) this.#cpus.add(task, cpu);
    this.#send(task, cpu, slice, flags);
  }

  #preempt(cpu: CpuId): void {
    if (!(Number.isInteger(cpu) && cpu >= 0 && cpu < this.#cpus.count))
      throw this.#mistake(`preempt(${cpu}): there is no such CPU; there are 0 to ${this.#cpus.count - 1}`);
    this.#send(NONE, cpu, 0, DECISION_FLAG.kick);
  }

  #send(task: TaskId, cpu: CpuId, slice: number, flags: number): void {
    const out = this.#decisions;
    const at = this.#decided * DECISION_WORDS;
    const endless = slice >= Number.MAX_SAFE_INTEGER;
    // A slice below a nanosecond is one.
    const whole = slice < 1 && task !== NONE ? 1 : slice;
    out[at + TO_TASK] = task === NONE ? 0 : task;
    out[at + TO_SEQUENCE] = task === NONE ? 0 : this.#tasks.sequence(task);
    out[at + TO_CPU] = cpu;
    out[at + FLAGS] = flags;
    out[at + SLICE] = endless ? ALL_ONES : whole >>> 0;
    out[at + SLICE + 1] = endless ? ALL_ONES : (whole / WORD) >>> 0;
    const pid = task === NONE ? NONE : this.#tasks.pid(task);
    this.#recent.add(this.#clock[0] as number, task, pid, cpu, slice, flags);
    this.#decided += 1;
    if (this.#decided === this.#room) this.#flush();
  }

  #flush(): void {
    const count = this.#decided;
    this.#decided = 0;
    try {
      this.#backend.flush(count);
    } catch (error) {
      // Not the policy's fault, even when it happens within its `run`.
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    }
  }

  #refuse(task: TaskId, cpu: CpuId, slice: number, flags: number): never {
    throw this.#mistake(whyNot(this.#tasks, this.#cpus, { task, cpu, slice, flags }));
  }

  /** Remembered, too: a policy that catches it goes on with a wrong idea of what happened. */
  #mistake(message: string): Error {
    this.#failure ??= this.#policyError(new MistakeError(message));
    return this.#failure;
  }

  #blame(error: unknown): Error {
    if (!this.#failure) this.#failure = error instanceof Failure ? error : this.#policyError(error);
    return this.#failure;
  }

  #policyError(cause: unknown): PolicyError {
    return new PolicyError({ during: callName(this.#asked, this.#askedOf), cause });
  }
}

function wide(words: Uint32Array, at: number): number {
  return (words[at] as number) + (words[at + 1] as number) * WORD;
}

function badEvent(what: string): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'bad-event',
    message: `The kernel side sent an event that cannot be: ${what}.`,
    hint: 'This is a bug of devbox.',
  });
}
