import type { AgentFlag } from '../core/agent-flag.ts';

/** The flags of each agent of ours, apart from the manifests so that the guest side loads nothing else of the host's. */

const SLICE: AgentFlag = {
  name: 'slice',
  kind: 'duration',
  placeholder: 'DURATION',
  summary: 'How long a task runs before it goes to the end of the queue',
  defaultText: '20ms',
  minMs: 0.01,
  maxMs: 10_000,
};

/** The kernel refuses more than 30 s. */
const WATCHDOG: AgentFlag = {
  name: 'watchdog',
  kind: 'duration',
  placeholder: 'DURATION',
  summary: 'How long a runnable task may wait before the kernel ejects the scheduler',
  defaultText: '30s',
  minMs: 100,
  maxMs: 30_000,
};

const STATS: AgentFlag = {
  name: 'stats',
  kind: 'duration',
  placeholder: 'DURATION',
  summary: 'Print the counters this often while running; 0: only at the end',
  defaultText: '0',
  minMs: 0,
  maxMs: 3_600_000,
};

const AFTER: AgentFlag = {
  name: 'after',
  kind: 'count',
  placeholder: 'N',
  summary: 'Behave until this many tasks have been enqueued',
  defaultText: '0',
  min: 0,
  max: 1e12,
};

/** TASK_COMM_LEN is 16 with the NUL. */
const COMM: AgentFlag = {
  name: 'comm',
  kind: 'text',
  placeholder: 'NAME',
  summary: 'Misbehave only with tasks of this name; empty: with all',
  defaultText: '',
  maxBytes: 15,
};

const PREEMPT_AFTER: AgentFlag = {
  name: 'preempt-after',
  kind: 'duration',
  placeholder: 'DURATION',
  summary: 'How long a task runs undisturbed by those that wake up',
  defaultText: '1ms',
  minMs: 0,
  maxMs: 10_000,
};

export const BIFF_FLAGS: readonly AgentFlag[] = [
  { ...SLICE, defaultText: '10ms' },
  PREEMPT_AFTER,
  WATCHDOG,
  STATS,
];
export const FIFO_BPF_FLAGS: readonly AgentFlag[] = [SLICE, WATCHDOG, STATS];
export const STALL_FLAGS: readonly AgentFlag[] = [AFTER, COMM, { ...WATCHDOG, defaultText: '2s' }];
export const ERROR_FLAGS: readonly AgentFlag[] = [AFTER, COMM];

/**
 * Understood by every policy that is written in TypeScript, besides its own parameters: they are about the way between the
 * kernel and the policy.
 */
export const RELAY_FLAGS: readonly AgentFlag[] = [
  {
    name: 'mode',
    kind: 'choice',
    placeholder: 'partial|full',
    summary: 'full schedules every task of the guest, partial the workload and what it starts',
    defaultText: 'full',
    choices: ['partial', 'full'],
  },
  WATCHDOG,
  {
    name: 'stall',
    kind: 'duration',
    placeholder: 'DURATION',
    summary:
      'How long the policy may be silent before the kernel takes its tasks back; longer where the guest is emulated',
    defaultText: '2s',
    minMs: 10,
    maxMs: 30_000,
  },
  {
    name: 'ring',
    kind: 'count',
    placeholder: 'N',
    summary: 'How many events the ring to the policy holds; rounded up to a power of two',
    defaultText: '4096',
    min: 1,
    max: 1_048_576,
  },
  {
    name: 'max-tasks',
    kind: 'count',
    placeholder: 'N',
    summary:
      'How many tasks the policy may be in charge of; the kernel side runs those beyond, and counts them',
    defaultText: '32768',
    min: 1,
    max: 32_768,
  },
  STATS,
  {
    name: 'metrics',
    kind: 'choice',
    placeholder: 'off|text|json',
    summary: 'What is told of wake-up latency and run time in the end: nothing, percentiles, or all as JSON',
    defaultText: 'text',
    choices: ['off', 'text', 'json'],
  },
];
