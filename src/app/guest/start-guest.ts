import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { KernelArtifact } from '../../core/kernel.ts';
import { runStage } from '../../core/run-stage.ts';
import { takeLease } from '../../platform/lease.ts';
import type { Starvation } from '../../platform/starvation.ts';
import { openDoor } from '../../vm/door/door.ts';
import { DOOR_SOCKET } from '../../vm/door/door-frames.ts';
import type { RunningVm } from '../../vm/running-vm.ts';
import { scaleTimeout } from '../../vm/spec.ts';
import type { GuestRequest } from '../request.ts';
import type { SessionContext } from '../use-case.ts';
import type { Machine } from './choose-machine.ts';
import { createFirstCause, type FirstCause } from './first-cause.ts';
import { summarizeConsole } from './guest-state.ts';
import { startHeartbeat } from './heartbeat.ts';
import { canHoldAgent } from './hold-agent.ts';
import type { MachineOptions } from './machine-spec.ts';
import { isMountFailure, mountShares } from './mount-shares.ts';
import type { GuestParts } from './prepare-guest.ts';
import { planShares } from './share-plan.ts';
import { bootInstead, type StartedMachine, startMachine } from './start-machine.ts';

const HEARTBEAT_MS = 6000;
const HANG_RECORD = 'hang-record.txt';

/** A guest with its shares mounted, watched for every way it can end. */
export interface Guest extends AsyncDisposable {
  readonly vm: RunningVm;
  /** Aborted when the run must stop, whatever the reason; its failure is the verdict's cause. */
  readonly cause: FirstCause;
  readonly kernel: KernelArtifact;
  /** Evidence files that were put into the run's directory. */
  readonly files: readonly string[];
  /** How little the host let the guest run until the run was stopped early, or until now. */
  starvation(): Starvation;
  /** When the machine was switched on, on the run's clock: what a timeout counts from. */
  readonly poweredOnAt: number;
  /** Milliseconds made longer for an emulated guest. */
  scale(ms: number): number;
}

/**
 * `isForAgent`: an agent that comes with devbox, or a policy, is to run in it. Boots what `prepareGuest` made, mounts the shares and starts watching. Rejects with `Failure` boot/*, or with the
 * cause the run was stopped for; nothing is left running then.
 */
export async function startGuest(
  request: GuestRequest,
  parts: GuestParts,
  machine: Machine,
  context: SessionContext,
  { isForAgent = false }: { readonly isForAgent?: boolean } = {},
): Promise<Guest> {
  const { signal, runId, runDir } = context;
  await using stack = new AsyncDisposableStack();
  const lease = stack.use(takeLease({ runId, record: runDir }));
  const { kernel, virtiofsd } = parts;
  const shares = planShares({ shares: request.shares, kernel, socketDir: lease.dir, virtiofsd });
  const holdsAgent = isForAgent && canHoldAgent(machine.accel, request.memoryBytes);
  const options = { request, parts, context, machine, lease, shares, holdsAgent };
  const started = await startInStage(options, startMachine);
  const settled = await settle(started, options).catch(async (error: unknown) => {
    if (signal.aborted || started.how === 'booted' || !isMountFailure(error)) throw error;
    // A device that was plugged in later may be what does not work.
    return settle(await startInStage(options, (again) => bootInstead(again, error.message)), options);
  });
  stack.use(settled);
  const { vm, cause, watch } = settled;
  const door = { path: join(lease.dir, DOOR_SOCKET), cwd: request.workingDirectory, signal: cause.signal };
  stack.use(await openDoor({ channel: vm.channel, ...door }));
  const owned = stack.move();
  return {
    ...{ vm, kernel, cause, poweredOnAt: vm.startedAt, files: watch.files, starvation: watch.starvation },
    scale: (ms) => scaleTimeout(ms, machine.accel),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Settled extends AsyncDisposable {
  readonly vm: RunningVm;
  readonly cause: FirstCause;
  readonly watch: Watch;
}

/** Watches a machine, sets its clock and mounts its shares; ends it when that fails. */
async function settle({ vm, how }: StartedMachine, { context, shares }: MachineOptions): Promise<Settled> {
  await using stack = new AsyncDisposableStack();
  stack.use(vm);
  const cause = createFirstCause(context.signal);
  const { signal } = cause;
  const watch = stack.use(watchGuest(vm, cause, context));
  // A clone was told when it woke up.
  if (how !== 'cloned') await vm.channel.syncClock(BigInt(Date.now()) * 1_000_000n, { signal });
  await mountShares(vm, shares, { emit: context.bus.emit, signal });
  const owned = stack.move();
  return { vm, cause, watch, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function startInStage(
  options: MachineOptions,
  start: (options: MachineOptions) => Promise<StartedMachine>,
): Promise<StartedMachine> {
  const { request, parts, context, machine } = options;
  const { bus, signal } = context;
  return runStage({
    ...{ emit: bus.emit, signal, stage: 'boot', title: `Boot Linux ${parts.kernel.release}` },
    work: async () => {
      const value = await start(options);
      const how = value.how === 'cloned' ? ', cloned' : '';
      return { value, detail: `${request.smp.cpus} vCPUs, ${machine.accel.toUpperCase()}${how}` };
    },
  });
}

interface Watch extends Disposable {
  readonly files: readonly string[];
  readonly starvation: () => Starvation;
}

/** Stops the run for whatever ends the machine or makes it silent, and keeps what can be learnt of it then. */
function watchGuest(vm: RunningVm, cause: FirstCause, { bus, runDir }: SessionContext): Watch {
  const files: string[] = [];
  let starvation: Starvation | undefined;
  cause.signal.addEventListener('abort', () => {
    starvation = vm.starvation();
  });
  void vm.death.then(cause.stop);
  const onHang = async (silence: Failure) => {
    const summary = summarizeConsole(bus);
    const record = await vm.hangRecord();
    await writeFile(join(runDir, HANG_RECORD), record);
    files.push(HANG_RECORD);
    const { kind, code, message, hint = '' } = silence;
    const failure = new Failure({ kind, code, message, hint, evidence: summary.lines() });
    vm.declareHung(failure);
    cause.stop(failure);
  };
  const heartbeat = startHeartbeat({
    channel: vm.channel,
    patienceMs: scaleTimeout(HEARTBEAT_MS, vm.spec.accel),
    onHang: (failure) => void onHang(failure).catch(() => cause.stop(failure)),
  });
  return {
    files,
    starvation: () => starvation ?? vm.starvation(),
    [Symbol.dispose]: () => heartbeat[Symbol.dispose](),
  };
}
