import { FIFO_BPF_FLAGS } from '../agent-flags.ts';
import { parseFlags } from '../flag.ts';
import type { SchedulerAgent } from './run-agent.ts';

/** Global FIFO: native/bpf/fifo.bpf.c */
export function fifoBpf(argv: readonly string[], bpfDir: string): SchedulerAgent {
  const flags = parseFlags('fifo-bpf', FIFO_BPF_FLAGS, argv);
  return {
    source: {
      object: `${bpfDir}/fifo.bpf.o`,
      ops: 'fifo',
      variables: { slice_ns: BigInt(Math.round(flags.ms('slice') * 1e6)) },
      members: { name: 'devbox_fifo_bpf', timeout_ms: Math.round(flags.ms('watchdog')) },
    },
    settings: `slice ${flags.ms('slice')} ms`,
    statsMap: 'cpu_stats',
    statsEveryMs: flags.ms('stats'),
  };
}
