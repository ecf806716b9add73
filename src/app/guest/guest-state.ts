import type { EventBus } from '../../core/event-bus.ts';
import { flushConsole } from '../../vm/flush-console.ts';
import { HangSummary } from '../../vm/hang-summary.ts';
import type { RunningVm } from '../../vm/running-vm.ts';
import { scaleTimeout } from '../../vm/spec.ts';
import { traceSchedExtDumps } from './sched-ext-dump.ts';

const SYSRQ = '/proc/sysrq-trigger';
const TRACE = '/sys/kernel/tracing/trace';
const PATIENCE_MS = 500;

/**
 * What a guest that still answers does while something in it does not come to an end: where each CPU is, which tasks are
 * blocked, what the scheduler holds. The whole back-traces are on the console then. Never rejects; empty for a guest that
 * cannot say.
 */
export async function describeGuestState(
  { channel, console, spec }: Pick<RunningVm, 'channel' | 'console' | 'spec'>,
  bus: EventBus,
): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(scaleTimeout(PATIENCE_MS, spec.accel));
  const summary = summarizeConsole(bus);
  try {
    await traceSchedExtDumps(channel, signal);
    for (const key of ['l', 'w', 'D']) await channel.writeFile(SYSRQ, key, { signal });
    const trace = await channel.readFile(TRACE, { signal });
    await flushConsole({ channel, console, spec });
    for (const line of Buffer.from(trace).toString().split('\n')) summary.push(line);
  } catch {
    // A guest that is slower than that, or has no SysRq: what came until then is told.
  }
  return summary.lines();
}

/** Grows with what the console says from now on. */
export function summarizeConsole(bus: EventBus): HangSummary {
  const summary = new HangSummary();
  bus.subscribe((event) => {
    if (event.type === 'console-line') summary.push(event.text);
  });
  return summary;
}
