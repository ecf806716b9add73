import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeldOrder } from '../../agents/held-program.ts';
import { type AgentManifest, GUEST_AGENT_MAIN, GUEST_NODE } from '../../agents/manifest.ts';
import { missingFeatures, PROBE_FILES } from '../../agents/missing-features.ts';
import { TIMERS_LOST } from '../../core/agent-error.ts';
import type { ProcessExit } from '../../core/event.ts';
import type { EventBus } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import { describeExit } from '../../core/judge.ts';
import type { KernelArtifact } from '../../core/kernel.ts';
import { isEjection } from '../../core/scheduler-exit.ts';
import type { ShareSpec } from '../../core/share-spec.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import type { GuestProcess } from '../../vm/channel/guest-process.ts';
import { guestEnvironment } from '../guest/guest-environment.ts';
import { type PumpedProcess, pumpProcess } from '../guest/guest-process.ts';
import type { Testimony } from '../guest/in-guest.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';
import { traceSchedExtDumps } from '../guest/sched-ext-dump.ts';
import type { Guest } from '../guest/start-guest.ts';
import { stripTypes } from '../guest/strip-types.ts';
import { type AgentState, createAgentState, takeReport, testimonyOf } from './agent-state.ts';
import { awaitSchedExtState, fileExists, readSchedExtState, readText } from './sched-ext-state.ts';
import { stopAgent } from './stop-agent.ts';

const READY_MS = 10_000;
const SCHEDULER_DUMP = 'scheduler-dump.txt';
const MACHINE_RECORD = 'machine-record.txt';

/** What is to be run as the agent. */
export interface AgentPlan {
  readonly name: string;
  readonly argv: readonly string[];
  readonly manifest: Pick<AgentManifest, 'requires' | 'schedulerName' | 'promises'>;
  /** Of a policy in TypeScript: where it lies on the host, and what the guest sees of the host. */
  readonly policy?: { readonly file: string; readonly shares: readonly ShareSpec[] };
}

export interface AgentSessionOptions {
  readonly guest: Guest;
  readonly plan: AgentPlan;
  readonly bus: EventBus;
  readonly workingDirectory: string;
  readonly runDir: string;
  readonly testify: (testimony: Testimony) => void;
}

/** An agent whose scheduler is loaded. */
export interface AgentSession {
  readonly scheduler: string;
  /** Resolves when the agent has ended and its last words have been read. */
  readonly done: Promise<ProcessExit>;
  /** SIGINT; SIGKILL after a grace. */
  stop(): Promise<void>;
}

/** Refuses, within a moment and by the option's name, a kernel that cannot run the agent. */
export async function checkFeatures(guest: Guest, plan: AgentPlan): Promise<void> {
  const { channel, hello } = guest.vm;
  const { signal } = guest.cause;
  const { state } = await readSchedExtState(channel, signal);
  const missing = missingFeatures(plan.manifest, {
    schedExtState: state,
    btf: await fileExists(channel, PROBE_FILES.btf, signal),
    filesystems: await readText(channel, PROBE_FILES.filesystems, signal),
  });
  if (missing.length === 0) return;
  const options = missing.flatMap(({ options: names }) => names);
  throw new Failure({
    kind: 'agent',
    code: 'kernel-feature-missing',
    message: `The agent ${plan.name} needs ${options.join(', ')}, which the kernel ${hello.release} was built without.`,
    hint: 'Use --kernel scx, or a kernel with the option switched on.',
  });
}

/** Starts the agent and waits until its scheduler is in charge, racing that against the agent's end. */
export async function startAgent(options: AgentSessionOptions): Promise<AgentSession> {
  const { guest, plan, bus, testify } = options;
  const { signal } = guest.cause;
  const process = await execAgent(options);
  bus.emit({ type: 'agent-started', agent: plan.name, argv: plan.argv, pid: process.pid });
  void traceSchedExtDumps(guest.vm.channel, signal);
  const state = createAgentState();
  const wanted = plan.manifest.schedulerName;
  using ready = awaitSchedExtState(
    guest.vm.channel,
    ({ state: now, ops }) =>
      now === 'enabled' && ops !== undefined && (wanted === undefined || isNamed(ops, wanted)),
    signal,
  );
  const pumped = pumpProcess({
    ...{ process, bus, from: 'agent' },
    onReport: (report) => {
      takeReport(report, state);
      ready.nudge();
    },
  });
  testify(() => testimonyOf(plan.name, state, pumped.stderrTail()));
  const done = followEnd(pumped, state, options);
  const scheduler = await awaitReady({
    guest,
    plan,
    reached: ready.reached,
    done,
    pumped,
    state,
    runDir: options.runDir,
  });
  bus.emit({ type: 'agent-ready', agent: plan.name, scheduler });

  const stop = async () => {
    state.asked = state.exit === undefined;
    if (state.asked) await stopAgent({ name: plan.name, process, done, guest, bus });
    else await Promise.race([done, rejectOnAbort(signal)]);
  };
  return { scheduler, done, stop };
}

async function execAgent({ guest, plan, workingDirectory }: AgentSessionOptions): Promise<GuestProcess> {
  // An emulated guest is slow, and a busy host makes it slower: what an agent waits for takes longer there.
  const stripped = plan.policy ? await stripTypes(plan.policy.file, plan.policy.shares, guest) : {};
  const env = { ...guestEnvironment(stripped), DEVBOX_TIME_SCALE: String(guest.scale(1)) };
  const exec = { argv: plan.argv, cwd: workingDirectory, env, report: true };
  const held = isOurProgram(plan) ? guest.vm.channel.takeHeld() : undefined;
  if (held) return order(held, { argv: plan.argv, cwd: workingDirectory, env }, guest.cause.signal);
  try {
    return await guest.vm.channel.exec(exec, { signal: guest.cause.signal });
  } catch (cause) {
    if (!(cause instanceof GuestError)) throw cause;
    throw new Failure({
      kind: 'agent',
      code: 'agent-not-started',
      message: `The agent ${plan.name} could not be started in the guest: ${cause.message}.`,
      hint: 'A program linked against libraries that the guest lacks fails like this; `devbox exec -- ldd PATH` shows which.',
      cause,
    });
  }
}

/** Whether it is run by the program that may be waiting in the guest already. */
export function isOurProgram({ argv }: Pick<AgentPlan, 'argv'>): boolean {
  return argv[0] === GUEST_NODE && argv[1] === GUEST_AGENT_MAIN;
}

async function order(held: GuestProcess, what: HeldOrder, signal: AbortSignal): Promise<GuestProcess> {
  await held.write(Buffer.from(JSON.stringify(what)), { signal });
  await held.endStdin();
  return held;
}

/** Newer kernels append a version or a build id to the name a scheduler gave itself. */
function isNamed(ops: string, wanted: string): boolean {
  return ops === wanted || ops.startsWith(`${wanted}_`);
}

async function followEnd(
  pumped: PumpedProcess,
  state: AgentState,
  { guest, bus, runDir }: AgentSessionOptions,
): Promise<ProcessExit> {
  const exit = await pumped.done;
  await keepDump(state, runDir);
  if (state.error?.code === TIMERS_LOST) await keepMachineRecord(guest, state, runDir);
  state.exit = exit;
  bus.emit({ type: 'agent-exited', exit, asked: state.asked });
  if (state.schedulerExit) bus.emit({ type: 'scheduler-exited', exit: state.schedulerExit });
  return exit;
}

/** A scheduler's dump may be long: a file of its own, beside the lines that the verdict quotes. */
async function keepDump({ schedulerExit, files }: AgentState, runDir: string): Promise<void> {
  if (!schedulerExit?.dump || !isEjection(schedulerExit)) return;
  await writeFile(join(runDir, SCHEDULER_DUMP), `${schedulerExit.dump.trimEnd()}\n`);
  files.push(SCHEDULER_DUMP);
}

/** Whether an interrupt was lost on its way, the machine knows. */
async function keepMachineRecord({ vm }: Guest, { files }: AgentState, runDir: string): Promise<void> {
  await writeFile(join(runDir, MACHINE_RECORD), await vm.machineRecord());
  files.push(MACHINE_RECORD);
}

interface ReadyOptions {
  readonly guest: Guest;
  readonly plan: AgentPlan;
  readonly reached: Promise<{ readonly ops?: string }>;
  readonly done: Promise<ProcessExit>;
  readonly pumped: PumpedProcess;
  readonly state: AgentState;
  readonly runDir: string;
}

async function awaitReady(options: ReadyOptions): Promise<string> {
  const { guest, plan, reached, done, pumped, state, runDir } = options;
  const { signal } = guest.cause;
  done.catch(() => {});
  const limit = guest.scale(READY_MS);
  const timer = new AbortController();
  const late = new Promise<'late'>((resolve) => {
    const timeout = setTimeout(resolve, limit, 'late');
    timer.signal.addEventListener('abort', () => clearTimeout(timeout), { once: true });
  });
  try {
    const first = await Promise.race([reached, done.then((exit) => ({ exit })), late, rejectOnAbort(signal)]);
    if (first === 'late') throw notReady(plan, limit, pumped);
    if ('exit' in first)
      throw await endedEarly({ exit: first.exit, plan, pumped, state, runDir, kernel: guest.kernel });
    return (first as { ops?: string }).ops ?? plan.name;
  } finally {
    timer.abort();
  }
}

function notReady(plan: AgentPlan, limitMs: number, pumped: PumpedProcess): Failure {
  return new Failure({
    kind: 'agent',
    code: 'agent-not-ready',
    message: `The agent ${plan.name} runs, but no scheduler of its was enabled within ${Math.round(limitMs / 1000)} s.`,
    evidence: pumped.stderrTail(),
    hint: 'Its output is in the record. An agent is ready when /sys/kernel/sched_ext/state says enabled.',
  });
}

interface EndedEarly {
  readonly exit: ProcessExit;
  readonly plan: AgentPlan;
  readonly pumped: PumpedProcess;
  readonly state: AgentState;
  readonly runDir: string;
  readonly kernel: KernelArtifact;
}

async function endedEarly({ exit, plan, pumped, state, runDir, kernel }: EndedEarly): Promise<Failure> {
  const log = join(runDir, 'verifier.log');
  const hasLog = state.verifierLog !== '';
  if (hasLog) {
    await writeFile(log, state.verifierLog);
    state.files.push('verifier.log');
  }
  const why = state.error ? `: ${state.error.message}` : '.';
  return new Failure({
    kind: 'agent',
    code: state.error?.code || 'agent-ended-early',
    message: `The agent ${plan.name} ${describeExit(exit)} before its scheduler was enabled${why}`,
    evidence: pumped.stderrTail(),
    ...(hasLog ? { log } : {}),
    ...(state.error?.hint === undefined ? gapsHint(kernel) : { hint: state.error.hint }),
  });
}

/** A kernel with gaps in its BTF refuses schedulers in words that do not say so. */
function gapsHint({ name, missingKfuncs = [] }: KernelArtifact): { hint?: string } {
  if (missingKfuncs.length === 0) return {};
  const count = `${missingKfuncs.length} kfunc${missingKfuncs.length === 1 ? '' : 's'}`;
  return {
    hint: `This kernel's BTF lacks ${count} that schedulers may need; \`devbox kernel show ${name}\` names them. --kernel scx lacks none.`,
  };
}
