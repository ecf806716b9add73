import { BIFF_FLAGS } from '../agent-flags.ts';
import { parseFlags } from '../flag.ts';
import type { SchedulerAgent } from './run-agent.ts';

/** A FIFO that keeps books: native/bpf/biff.bpf.c */
export function biff(argv: readonly string[], bpfDir: string): SchedulerAgent {
  const flags = parseFlags('biff', BIFF_FLAGS, argv);
  const ns = (name: string) => BigInt(Math.round(flags.ms(name) * 1e6));
  return {
    source: {
      object: `${bpfDir}/biff.bpf.o`,
      ops: 'biff',
      variables: { slice_ns: ns('slice'), preempt_after_ns: ns('preempt-after') },
      members: { name: 'devbox_biff', timeout_ms: Math.round(flags.ms('watchdog')) },
    },
    settings: `slice ${flags.ms('slice')} ms, preempts after ${flags.ms('preempt-after')} ms`,
    statsMap: 'cpu_stats',
    statsEveryMs: flags.ms('stats'),
  };
}
