import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { KernelArtifact } from '../../core/kernel.ts';
import { runStage } from '../../core/run-stage.ts';
import { type Lease, takeLease } from '../../platform/lease.ts';
import { boot, type RunningVm } from '../../vm/boot.ts';
import { scaleTimeout } from '../../vm/spec.ts';
import type { GuestRequest } from '../request.ts';
import type { SessionContext } from '../use-case.ts';
import type { Machine } from './choose-machine.ts';
import { createFirstCause, type FirstCause } from './first-cause.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { GuestParts } from './prepare-guest.ts';
import { type PlannedShare, planShares } from './share-plan.ts';

const BOOT_MS = 20_000;
const HEARTBEAT_MS = 6000;
const HANG_RECORD = 'hang-record.txt';
const MOUNT_MS = 5000;

/** A guest with its shares mounted, watched for every way it can end. */
export interface Guest extends AsyncDisposable {
  readonly vm: RunningVm;
  /** Aborted when the run must stop, whatever the reason; its failure is the verdict's cause. */
  readonly cause: FirstCause;
  readonly kernel: KernelArtifact;
  /** Evidence files that were put into the run's directory. */
  readonly files: readonly string[];
  /** How starved of CPU time the guest was when the run was stopped early, or is now; 0 to 1. */
  starvation(): number;
  /** When the machine was switched on, on the run's clock: what a timeout counts from. */
  readonly poweredOnAt: number;
  /** Milliseconds made longer for an emulated guest. */
  scale(ms: number): number;
}

/**
 * Boots what `prepareGuest` made, mounts the shares and starts watching. Rejects with `Failure` boot/*, or with the
 * cause the run was stopped for; nothing is left running then.
 */
export async function startGuest(
  request: GuestRequest,
  parts: GuestParts,
  machine: Machine,
  context: SessionContext,
): Promise<Guest> {
  const { bus, signal, runId, runDir } = context;
  await using stack = new AsyncDisposableStack();
  const lease = stack.use(takeLease({ runId, record: runDir }));
  const { kernel, virtiofsd } = parts;
  const shares = planShares({ shares: request.shares, kernel, socketDir: lease.dir, virtiofsd });
  const poweredOnAt = bus.now();
  const vm = stack.use(await bootMachine({ request, parts, context, machine, lease, shares }));

  const cause = createFirstCause(signal);
  const watch = stack.use(watchGuest(vm, cause, runDir));
  await vm.channel.syncClock(BigInt(Date.now()) * 1_000_000n, { signal: cause.signal });
  await mountShares(vm, shares, { emit: bus.emit, signal: cause.signal });
  const owned = stack.move();
  return {
    ...{ vm, kernel, cause, poweredOnAt, files: watch.files, starvation: watch.starvation },
    scale: (ms) => scaleTimeout(ms, machine.accel),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface BootMachine {
  readonly request: GuestRequest;
  readonly parts: GuestParts;
  readonly context: SessionContext;
  readonly machine: Machine;
  readonly lease: Lease;
  readonly shares: readonly PlannedShare[];
}

function bootMachine(options: BootMachine): Promise<RunningVm> {
  const { request, parts, context, machine, lease, shares } = options;
  const { bus, signal, runId } = context;
  const limit = request.timeoutMs ?? Number.POSITIVE_INFINITY;
  const timerHz = Number(parts.kernel.config?.get('CONFIG_HZ'));
  return runStage({
    ...{ emit: bus.emit, signal, stage: 'boot', title: `Boot Linux ${parts.kernel.release}` },
    work: async () => {
      const vm = await boot({
        spec: {
          ...{ name: `devbox-${runId}`, ...machine, smp: request.smp, memoryBytes: request.memoryBytes },
          ...{ kernelImage: parts.kernel.bootImage, initramfs: parts.initramfs, rootImage: parts.rootImage },
          ...(timerHz > 0 ? { timerHz } : {}),
          ...{
            append: [...(parts.kernel.append ?? []), ...request.append],
            shares: shares.map(({ device }) => device),
          },
        },
        shareDaemons: shares.flatMap(({ daemon }) => (daemon === undefined ? [] : [daemon])),
        ...{ lease, bus, signal, timeoutMs: Math.min(scaleTimeout(BOOT_MS, machine.accel), limit) },
      });
      return { value: vm, detail: `${request.smp.cpus} vCPUs, ${machine.accel.toUpperCase()}` };
    },
  });
}

interface Watch extends Disposable {
  readonly files: readonly string[];
  readonly starvation: () => number;
}

/** Stops the run for whatever ends the machine or makes it silent, and keeps what can be learnt of it then. */
function watchGuest(vm: RunningVm, cause: FirstCause, runDir: string): Watch {
  const files: string[] = [];
  let starvation: number | undefined;
  cause.signal.addEventListener('abort', () => {
    starvation = vm.starvation();
  });
  void vm.death.then(cause.stop);
  const onHang = async (failure: Failure) => {
    const record = await vm.hangRecord();
    await writeFile(join(runDir, HANG_RECORD), record);
    files.push(HANG_RECORD);
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

async function mountShares(
  vm: RunningVm,
  shares: readonly PlannedShare[],
  around: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<void> {
  if (shares.length === 0) return;
  await runStage({
    ...{ ...around, stage: 'share', title: 'Share directories' },
    work: async () => {
      for (const share of shares) await mountShare(vm, share, around.signal);
      const detail = shares.map(({ device, spec }) => `${spec.guest} (${device.kind})`).join(', ');
      return { value: undefined, detail };
    },
  });
}

async function mountShare(vm: RunningVm, share: PlannedShare, signal: AbortSignal): Promise<void> {
  const { spec, device, mount } = share;
  try {
    await vm.channel.mount(
      { source: device.tag, target: spec.guest, ...mount, readOnly: spec.readOnly },
      { signal: AbortSignal.any([signal, AbortSignal.timeout(scaleTimeout(MOUNT_MS, vm.spec.accel))]) },
    );
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Failure({
      kind: 'infrastructure',
      code: 'share-mount-failed',
      message: `The guest could not mount ${JSON.stringify(spec.host)} at ${JSON.stringify(spec.guest)} over ${device.kind}: ${(cause as Error).message}.`,
      hint: 'Share something else, or nothing with --no-share; the console in the record may say more.',
      cause,
    });
  }
}
