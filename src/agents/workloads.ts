import type { AgentFlag } from '../core/agent-flag.ts';
import { Failure } from '../core/failure.ts';
import { didYouMean } from '../core/nearest.ts';
import { readFlags } from './flag.ts';

/** A load for a scheduler: one of native/workloads. */
export interface Workload {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly flags: readonly AgentFlag[];
}

/** Where the payload lies in the guest. */
const GUEST_PROGRAM = '/opt/devbox/bin/devbox-workload';

const DAY_MS = 86_400_000;

function duration(summary: string, defaultText = '1s', limits = { minMs: 1, maxMs: DAY_MS }): AgentFlag {
  return { name: 'duration', kind: 'duration', placeholder: 'DURATION', summary, defaultText, ...limits };
}

function period(summary: string, defaultText: string): AgentFlag {
  return { ...duration(summary, defaultText, { minMs: 1, maxMs: 10_000 }), name: 'period' };
}

interface Count {
  readonly name: string;
  readonly summary: string;
  readonly defaultText: string;
  readonly min?: number;
  readonly max: number;
}

function count({ min = 1, ...rest }: Count): AgentFlag {
  return { kind: 'count', placeholder: 'N', min, ...rest };
}

const HOW_LONG = duration('How long');

/** The same names, flags and limits as in native/workloads, so that a mistake is found before anything boots. */
const WORKLOADS: readonly Workload[] = [
  {
    name: 'demo',
    summary:
      'More spinning threads than CPUs, and pairs that wake each other: what a scheduler does under mixed load',
    flags: [
      HOW_LONG,
      count({
        name: 'threads',
        summary: 'Spinning threads',
        defaultText: 'half as many again as CPUs',
        min: 0,
        max: 10_000,
      }),
      count({
        name: 'pairs',
        summary: 'Pairs that wake each other',
        defaultText: 'half as many as CPUs',
        max: 5000,
      }),
    ],
  },
  {
    name: 'spin',
    summary: 'Threads that only compute: how the CPUs are shared out',
    flags: [
      HOW_LONG,
      count({ name: 'threads', summary: 'Threads', defaultText: 'twice as many as CPUs', max: 10_000 }),
    ],
  },
  {
    name: 'pingpong',
    summary: 'Pairs of threads that wake each other: wake-up latency',
    flags: [
      HOW_LONG,
      count({ name: 'threads', summary: 'Threads, two to a pair', defaultText: '2', min: 2, max: 10_000 }),
    ],
  },
  {
    name: 'forkstorm',
    summary: 'Processes that live for a moment: how fast they come and go',
    flags: [
      HOW_LONG,
      count({ name: 'threads', summary: 'Threads that fork', defaultText: 'as many as CPUs', max: 10_000 }),
    ],
  },
  {
    name: 'deadline',
    summary: 'Threads whose jobs have to be done before the next, and who say so: how many are too late',
    flags: [
      HOW_LONG,
      count({ name: 'threads', summary: 'Threads', defaultText: 'three times as many as CPUs', max: 10_000 }),
      period('The shortest period; others are twice and four times as long', '20ms'),
      count({
        name: 'load',
        summary: 'Percent of all CPUs that the jobs need',
        defaultText: '60',
        max: 200,
      }),
    ],
  },
  {
    name: 'classes',
    summary: 'Short requests beside threads that compute, and matter less: response time',
    flags: [
      HOW_LONG,
      count({ name: 'threads', summary: 'Threads that matter', defaultText: 'as many as CPUs', max: 10_000 }),
      count({
        name: 'spinners',
        summary: 'Threads that compute and matter less',
        defaultText: 'twice as many as CPUs',
        min: 0,
        max: 10_000,
      }),
      period('How often a thread that matters has something to do', '5ms'),
      {
        ...duration('What it computes every time', '200us', { minMs: 0.001, maxMs: 1000 }),
        name: 'work',
      },
    ],
  },
  { name: 'simple', summary: 'One thread that runs, sleeps and runs again', flags: [] },
  {
    name: 'many',
    summary: 'A thousand threads that each sleep once',
    flags: [count({ name: 'threads', summary: 'Threads', defaultText: '1000', max: 30_000 })],
  },
  {
    name: 'busy',
    summary: 'A hundred threads that each compute for a time',
    flags: [
      count({ name: 'threads', summary: 'Threads', defaultText: '100', max: 30_000 }),
      duration('How long each computes', '10ms', { minMs: 0.001, maxMs: 3_600_000 }),
    ],
  },
  { name: 'departed', summary: 'A thread that leaves the scheduling class and comes back', flags: [] },
  {
    name: 'departed-many',
    summary: 'A hundred threads that leave the class and come back',
    flags: [count({ name: 'threads', summary: 'Threads', defaultText: '100', max: 30_000 })],
  },
  {
    name: 'departed-race',
    summary: 'Threads moved out of the class and back while they run, sleep and migrate',
    flags: [
      count({ name: 'threads', summary: 'Threads', defaultText: '20', max: 10_000 }),
      count({ name: 'rounds', summary: 'How often each is moved', defaultText: '30', max: 1_000_000 }),
    ],
  },
];

export function listWorkloads(): readonly Workload[] {
  return WORKLOADS;
}

/** How a program is started so that a scheduler which has only chosen tasks has it: SCHED_EXT, and what it starts, too. */
export function inSchedulingClass(argv: readonly string[]): readonly string[] {
  return [GUEST_PROGRAM, 'in-class', ...argv];
}

/** Throws a usage Failure that names the nearest one. */
export function findWorkload(name: string): Workload {
  const found = WORKLOADS.find((workload) => workload.name === name);
  if (found) return found;
  const guess = didYouMean(
    name,
    WORKLOADS.map((workload) => workload.name),
  );
  throw new Failure({
    kind: 'usage',
    code: 'no-such-workload',
    message: `There is no workload "${name}".${guess}`,
    hint: '`devbox workload list` shows what there is; a shell command needs a space or a /: --workload "./test.sh"',
  });
}

/** Command line in the guest. Throws a usage Failure for a name or a flag that does not exist, or a value out of range. */
export function planWorkloadArgv(name: string, args: readonly string[]): readonly string[] {
  const workload = findWorkload(name);
  const given = readFlags(
    `workload ${name}`,
    workload.flags,
    args.filter((word) => word !== '--json'),
  );
  const threads = given.get('threads');
  if (name === 'pingpong' && typeof threads === 'number' && threads % 2 !== 0) {
    throw new Failure({
      kind: 'usage',
      code: 'bad-flag',
      message: `--threads of the workload pingpong takes an even number, not ${threads}.`,
      hint: `Try --threads=${threads + 1}.`,
    });
  }
  return [GUEST_PROGRAM, name, ...args];
}
