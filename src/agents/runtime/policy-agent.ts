import type { SchedulerExit } from '../../core/scheduler-exit.ts';
import { RELAY_FLAGS } from '../agent-flags.ts';
import { type FlagValues, parseFlags } from '../flag.ts';
import { policyName, schedulerName } from '../policy-manifest.ts';
import type { NativeAddon } from './addon.ts';
import { asksForRestart } from './exit-record.ts';
import { findWorkerFrames } from './find-loop.ts';
import { findOverdueCpus } from './overdue-timers.ts';
import {
  failureOf,
  overdueFailure,
  reportDecisions,
  reportGarbage,
  reportMetrics,
  reportStats,
  stuckFailure,
} from './policy-report.ts';
import { type HeldThread, MAX_HEAP_MB, type PolicyThread, startPolicyThread } from './policy-thread.ts';
import { type AgentSurroundings, EXIT_EJECTED, reportExit } from './run-agent.ts';
import { type LoadedScheduler, loadScheduler } from './scheduler.ts';
import { splitFlags } from './split-flags.ts';
import { threadPlace } from './thread-place.ts';
import { readMachine } from './topology.ts';
import { watchBeat } from './watch-beat.ts';

/** With the header that the kernel puts before each. */
const EVENT_RING_BYTES = 72;
const DECISION_RING_BYTES = 40;
/** SCX_OPS_ENQ_LAST, SCX_OPS_SWITCH_PARTIAL */
const ENQUEUE_LAST = 2n;
const SWITCH_PARTIAL = 8n;
/** The kernel waits longer than we do, so that there is time to find out where the policy is. */
const KERNEL_STALL_FACTOR = 2;
const FIND_LOOP_MS = 10_000;
const LOOK_AT_HEAP_MS = 1000;
/** A timer that is late by such a part of the time in which the policy did not answer is why it did not. */
const OVERDUE_SHARE = 4;

export type PolicySurroundings = AgentSurroundings & {
  readonly addon: NativeAddon;
  readonly bpfDir: string;
  readonly held?: HeldThread;
};

/** How many times longer everything takes here than on real hardware. */
function timeScale(env: NodeJS.ProcessEnv = process.env): number {
  return Math.min(100, Math.max(1, Number(env.DEVBOX_TIME_SCALE) || 1));
}

interface PolicyRun {
  /** Name or path. */
  readonly policy: string;
  readonly flags: FlagValues;
  /** Flags of the policy's own. */
  readonly argv: readonly string[];
  readonly around: PolicySurroundings;
}

/**
 * Runs a policy, given by name or path, until it is asked to stop (0) or the kernel throws it out (75). Throws a Failure when
 * it cannot start, or when the policy fails.
 */
export async function runPolicyAgent(
  policy: string,
  words: readonly string[],
  around: PolicySurroundings,
): Promise<number> {
  const { ours, others: argv } = splitFlags(RELAY_FLAGS, words);
  const flags = parseFlags(policyName(policy), RELAY_FLAGS, ours);
  const { held: _once, ...later } = around;
  for (let now: PolicySurroundings = around; ; now = later) {
    const exit = await runOnce({ policy, flags, argv, around: now });
    if (exit === 'stopped') return 0;
    if (!asksForRestart(exit)) return EXIT_EJECTED;
    around.stdout('The kernel asked for a restart: loading again.\n');
  }
}

async function runOnce(run: PolicyRun): Promise<SchedulerExit | 'stopped'> {
  const { policy, argv, around, flags } = run;
  const name = schedulerName(policy);
  const form = flags.text('metrics');
  const stallMs = flags.ms('stall') * timeScale();
  const partial = flags.text('mode') === 'partial';
  const { addon, held } = around;
  await using thread = startPolicyThread({
    ...{ addon, policy, argv, measure: form !== 'off' },
    ...(held && { held }),
  });
  using loaded = loadRelay(run, name);
  await using _connected = thread.connect(loaded, partial);
  const first = await Promise.race([thread.ready, thread.failed]);
  if ('failure' in first) throw failureOf(first.failure);
  loaded.setVariable('want_ticks', first.wantsTicks);

  using scheduler = loaded.attach();
  around.stdout(`${name} schedules (${[`${flags.text('mode')} mode`, ...argv].join(' ')}).\n`);
  around.report({ type: 'agent-ready', scheduler: name });
  using watch = watchBeat(() => thread.beatNs(), stallMs);
  using _ticking = everyMs(flags.ms('stats'), () => reportStats(scheduler, around, false));
  const end = await Promise.race([scheduler.exit, aborted(around.stop), thread.failed, watch.stuck]);

  // Asked first, because detaching interrupts every CPU, which sets timers going again that had stopped.
  const overdue = end === 'stuck' ? findOverdueCpus(stallMs / OVERDUE_SHARE) : [];
  const place = end === 'stuck' ? threadPlace(first.tid) : undefined;
  // Then the tasks get another scheduler, whatever else there is to find out.
  scheduler.detach();
  if (end === 'stuck') {
    await scheduler.exit;
    reportStats(scheduler, around, true);
    if (overdue.length > 0) {
      thread.abandon();
      throw overdueFailure(policyName(policy), stallMs, overdue);
    }
    const found = await Promise.race([thread.failed, look(thread)]);
    thread.abandon();
    reportDecisions(thread.lastDecisions(), around);
    throw 'failure' in found
      ? failureOf(found.failure)
      : stuckFailure({ policy: policyName(policy), stallMs, heapLimitMb: MAX_HEAP_MB, place, ...found });
  }
  const exit = await scheduler.exit;
  const last = await thread.finish();
  if (!asksForRestart(exit)) thread.abandon();
  reportStats(scheduler, around, true);
  if (last?.metrics) reportMetrics(last.metrics, form, around);
  if (last) reportGarbage(last.garbage, around);
  if (end === 'aborted' && exit.kindName === 'unregistered') return 'stopped';
  if (end !== 'aborted' && 'failure' in end) {
    reportDecisions(end.decisions, around);
    throw failureOf(end.failure);
  }
  reportDecisions(thread.lastDecisions(), around);
  reportExit(name, exit, around);
  return exit;
}

/** What a thread that does not answer is at. */
async function look(thread: PolicyThread) {
  const heapMb = await thread.heapMb(LOOK_AT_HEAP_MS);
  return { heapMb, frames: await findWorkerFrames(FIND_LOOP_MS) };
}

function loadRelay({ flags, around }: PolicyRun, name: string): LoadedScheduler {
  const ring = flags.count('ring');
  const stallNs = Math.round(flags.ms('stall') * timeScale() * KERNEL_STALL_FACTOR * 1e6) + 1e9;
  return loadScheduler(around.addon, {
    object: `${around.bpfDir}/relay.bpf.o`,
    ops: 'relay',
    variables: {
      ...{ agent_tgid: process.pid, nr_cpus: readMachine().cpuCount },
      ...{ stall_ns: BigInt(stallNs), max_slots: flags.count('max-tasks') },
    },
    members: {
      name,
      timeout_ms: Math.round(flags.ms('watchdog')),
      flags: ENQUEUE_LAST | (flags.text('mode') === 'partial' ? SWITCH_PARTIAL : 0n),
    },
    sizes: { events: ringBytes(ring * EVENT_RING_BYTES), decisions: ringBytes(ring * DECISION_RING_BYTES) },
  });
}

/** The kernel takes powers of two, of whole pages. */
function ringBytes(wanted: number): number {
  return Math.max(4096, 2 ** Math.ceil(Math.log2(wanted)));
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}

/** 0: never. */
function everyMs(ms: number, work: () => void): Disposable {
  const timer = ms > 0 ? setInterval(work, ms) : undefined;
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
