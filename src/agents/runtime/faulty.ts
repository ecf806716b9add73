import { ERROR_FLAGS, STALL_FLAGS } from '../agent-flags.ts';
import { type FlagValues, parseFlags } from '../flag.ts';
import type { SchedulerAgent } from './run-agent.ts';

/** Test schedulers: native/bpf/faulty.bpf.c. The numbers are its `enum fault`. */

export function stall(argv: readonly string[], bpfDir: string): SchedulerAgent {
  const flags = parseFlags('stall', STALL_FLAGS, argv);
  const timeoutMs = Math.round(flags.ms('watchdog'));
  return faulty(bpfDir, { name: 'devbox_stall', fault: 0, flags, members: { timeout_ms: timeoutMs } });
}

export function error(argv: readonly string[], bpfDir: string): SchedulerAgent {
  const flags = parseFlags('error', ERROR_FLAGS, argv);
  return faulty(bpfDir, { name: 'devbox_error', fault: 1, flags, members: {} });
}

interface Fault {
  readonly name: string;
  readonly fault: number;
  readonly flags: FlagValues;
  readonly members: Readonly<Record<string, number>>;
}

function faulty(bpfDir: string, { name, fault, flags, members }: Fault): SchedulerAgent {
  const after = flags.count('after');
  const comm = flags.text('comm');
  return {
    source: {
      object: `${bpfDir}/faulty.bpf.o`,
      ops: 'faulty',
      variables: { fault, fault_after: BigInt(after), fault_comm: comm },
      members: { ...members, name },
    },
    settings: `breaks after ${after} tasks, for ${comm === '' ? 'any task' : `tasks named ${comm}`}`,
  };
}
