import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { findProgram } from '../../platform/find-program.ts';
import { probeKvm } from '../../platform/kvm-probe.ts';
import { takeLease } from '../../platform/lease.ts';
import { boot, type RunningVm } from '../../vm/boot.ts';
import { scaleTimeout } from '../../vm/spec.ts';
import type { GuestRequest } from '../request.ts';
import type { SessionContext } from '../use-case.ts';
import { chooseAccel } from './accel.ts';
import { createFirstCause, type FirstCause } from './first-cause.ts';
import { startHeartbeat } from './heartbeat.ts';
import { checkMemory } from './host-limits.ts';
import type { GuestParts } from './prepare-guest.ts';
import { type PlannedShare, planShares } from './share-plan.ts';
import { stage } from './stage.ts';

const BOOT_MS = 20_000;
const HEARTBEAT_MS = 6000;
const MOUNT_MS = 5000;

/** A guest with its shares mounted, watched for every way it can end. */
export interface Guest extends AsyncDisposable {
  readonly vm: RunningVm;
  /** Aborted when the run must stop, whatever the reason; its failure is the verdict's cause. */
  readonly cause: FirstCause;
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
  context: SessionContext,
): Promise<Guest> {
  const { bus, signal, runId, runDir } = context;
  checkMemory(request.memoryBytes);
  const qemu = findProgram('qemu-system-x86_64');
  if (qemu === undefined) throw qemuMissing();
  const probe = request.accel === 'tcg' ? undefined : await probeKvm({ signal });
  const accel = chooseAccel(request.accel, probe, bus.emit);

  await using stack = new AsyncDisposableStack();
  const lease = stack.use(takeLease({ runId, record: runDir }));
  const shares = planShares({
    ...{ shares: request.shares, kernel: parts.kernel, socketDir: lease.dir },
    virtiofsd: parts.virtiofsd,
  });
  const clock = { emit: bus.emit, now: bus.now };
  const poweredOnAt = bus.now();
  const vm = await stage(
    { ...clock, stage: 'boot', title: `Boot Linux ${parts.kernel.release}` },
    async () => {
      const booted = await boot({
        spec: {
          ...{ name: `devbox-${runId}`, qemu, accel, smp: request.smp, memoryBytes: request.memoryBytes },
          ...{ kernelImage: parts.kernel.bootImage, initramfs: parts.initramfs, rootImage: parts.rootImage },
          ...{ append: request.append, shares: shares.map(({ device }) => device) },
        },
        shareDaemons: shares.flatMap(({ daemon }) => (daemon === undefined ? [] : [daemon])),
        ...{
          lease,
          bus,
          signal,
          timeoutMs: Math.min(scaleTimeout(BOOT_MS, accel), request.timeoutMs ?? Number.POSITIVE_INFINITY),
        },
      });
      return { value: booted, detail: `${request.smp.cpus} vCPUs, ${accel.toUpperCase()}` };
    },
  );
  stack.use(vm);

  const cause = createFirstCause(signal);
  const files: string[] = [];
  let starvation: number | undefined;
  cause.signal.addEventListener('abort', () => {
    starvation = vm.starvation();
  });
  void vm.death.then(cause.stop);
  const onHang = async (failure: Failure) => {
    const record = await vm.hangRecord();
    await writeFile(join(runDir, 'hang-record.txt'), record);
    files.push('hang-record.txt');
    vm.declareHung(failure);
    cause.stop(failure);
  };
  stack.use(
    startHeartbeat({
      channel: vm.channel,
      patienceMs: scaleTimeout(HEARTBEAT_MS, accel),
      onHang: (failure) => void onHang(failure).catch(() => cause.stop(failure)),
    }),
  );
  await vm.channel.syncClock(BigInt(Date.now()) * 1_000_000n, { signal: cause.signal });
  if (shares.length > 0) {
    await stage({ ...clock, stage: 'share', title: 'Share directories' }, async () => {
      for (const share of shares) await mountShare(vm, share, cause.signal);
      return {
        value: undefined,
        detail: shares.map(({ device, spec }) => `${spec.guest} (${device.kind})`).join(', '),
      };
    });
  }
  const owned = stack.move();
  return {
    ...{ vm, cause, files, poweredOnAt },
    starvation: () => starvation ?? vm.starvation(),
    scale: (ms) => scaleTimeout(ms, accel),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
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

function qemuMissing(): Failure {
  return new Failure({
    kind: 'host',
    code: 'qemu-missing',
    message: 'QEMU is not installed: there is no qemu-system-x86_64 on PATH.',
    hint: 'Run `devbox setup`.',
  });
}
