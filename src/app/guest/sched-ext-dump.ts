import type { GuestChannel } from '../../vm/channel/guest-channel.ts';

/** Where the kernel's debug dumps go when no exit record takes them: include/trace/events/sched_ext.h. */
const TRACE_EVENT = '/sys/kernel/tracing/events/sched_ext/sched_ext_dump/enable';

/**
 * Lets SysRq-D leave its dump in the trace buffer, from where a hang record has it printed. A kernel that cannot is left
 * as it is.
 */
export async function traceSchedExtDumps(
  channel: Pick<GuestChannel, 'writeFile'>,
  signal: AbortSignal,
): Promise<void> {
  await channel.writeFile(TRACE_EVENT, '1', { signal }).catch(() => {}); // Without tracing there is just less to see.
}
