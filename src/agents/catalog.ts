import { Failure } from '../core/failure.ts';
import { didYouMean } from '../core/nearest.ts';
import { BIFF_FLAGS, ERROR_FLAGS, FIFO_BPF_FLAGS, STALL_FLAGS } from './agent-flags.ts';
import { type AgentManifest, GUEST_AGENT_MAIN, GUEST_NODE } from './manifest.ts';
import { POLICIES } from './policies/policies.ts';
import type { PolicyPromises } from './policy/define-policy.ts';
import { describeDefinition } from './policy-file/described-policy.ts';
import { policyManifest } from './policy-manifest.ts';

type OurAgent = Pick<AgentManifest, 'name' | 'summary' | 'description' | 'flags'> & {
  readonly schedulerName: string;
  readonly hidden?: boolean;
  readonly promises?: PolicyPromises;
};

function ours(agent: OurAgent): AgentManifest {
  return {
    hidden: false,
    promises: {},
    ...agent,
    kind: 'sched_ext',
    requires: ['sched-ext', 'btf'],
    argv: [GUEST_NODE, GUEST_AGENT_MAIN, agent.name],
    readyTimeoutMs: 5000,
    stopSignal: 'SIGINT',
  };
}

const IN_BPF: readonly AgentManifest[] = [
  ours({
    name: 'fifo-bpf',
    summary: 'All in BPF: first in, first out, one queue for all CPUs',
    description: [
      'Every runnable task waits in one queue; a CPU that runs dry takes the first task that may run on it. A task that wakes up while a CPU is idle goes straight to that CPU. After its slice a task goes to the end of the queue.',
      'It does badly when latency matters under load (a task that wakes up waits for everything before it), on many CPUs (all take the lock of one queue, and tasks lose their cache), with many pinned tasks, and it ignores weights, cgroups and NUMA.',
    ],
    schedulerName: 'devbox_fifo_bpf',
    flags: FIFO_BPF_FLAGS,
    promises: { workConserving: true, noStarvation: true },
  }),
  ours({
    name: 'biff',
    summary: 'All in BPF: a global FIFO that keeps books, and preempts who has run for a while',
    description: [
      'Runnable tasks wait in one queue. A task that wakes up takes an idle CPU, else the CPU that it was on last, away from a task that has run there for --preempt-after. Nothing is decided in user space.',
      'It does badly at fairness (a task that sleeps often is let in before those that compute), on many CPUs (all take the lock of one queue), and it ignores weights, cgroups and NUMA.',
    ],
    schedulerName: 'devbox_biff',
    flags: BIFF_FLAGS,
  }),
  ours({
    name: 'stall',
    summary: 'Test scheduler: stops dispatching tasks, so that the watchdog ejects it',
    description: [
      'A FIFO that, after --after tasks, keeps the tasks named --comm (or all of them) and never runs them. The kernel ejects it when one has waited for --watchdog. It shows what a verdict of scheduler-ejected looks like; processes of the guest freeze until then.',
    ],
    schedulerName: 'devbox_stall',
    flags: STALL_FLAGS,
    hidden: true,
  }),
  ours({
    name: 'error',
    summary: 'Test scheduler: raises an error, so that the kernel ejects it',
    description: [
      'A FIFO that, after --after tasks, calls scx_bpf_error() for the next task named --comm (or any); where the kernel does not offer that call, it dispatches to a queue that does not exist.',
    ],
    schedulerName: 'devbox_error',
    flags: ERROR_FLAGS,
    hidden: true,
  }),
];

/** Not a policy: the bench compares policies with it. */
const FOR_THE_BENCH: AgentManifest = {
  ...policyManifest('fifo-native', {
    summary: 'First in, first out, decided by a native program over the relay that policies use',
    description: ['What policies written in TypeScript are measured against.'],
    flags: [],
    promises: {},
  }),
  hidden: true,
};

const IN_TYPESCRIPT: readonly AgentManifest[] = Object.entries(POLICIES).map(([name, definition]) =>
  policyManifest(name, describeDefinition(definition)),
);

const AGENTS: readonly AgentManifest[] = [...IN_TYPESCRIPT, ...IN_BPF, FOR_THE_BENCH];

/** The agents to show, or with `hidden` the test schedulers too. */
export function listAgents(options: { readonly hidden?: boolean } = {}): readonly AgentManifest[] {
  return AGENTS.filter((agent) => options.hidden || !agent.hidden);
}

/** Finds hidden ones too. Throws a usage Failure that names the nearest one. */
export function findAgent(name: string): AgentManifest {
  const found = AGENTS.find((agent) => agent.name === name);
  if (found) return found;
  throw new Failure({
    kind: 'usage',
    code: 'no-such-agent',
    message: `There is no agent "${name}".${didYouMean(
      name,
      AGENTS.map((agent) => agent.name),
    )}`,
    hint: '`devbox agent list` shows what there is; a path runs what is yours: ./my-policy.ts, ./my_scheduler',
  });
}
