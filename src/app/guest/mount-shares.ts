import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { runStage } from '../../core/run-stage.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import type { RunningVm } from '../../vm/running-vm.ts';
import { scaleTimeout } from '../../vm/spec.ts';
import type { PlannedShare } from './share-plan.ts';

const MOUNT_MS = 5000;
/** An answer takes a few milliseconds. */
const ANSWER_MS = 1000;
const MOUNT_FAILED = 'share-mount-failed';

/** Whether it is a mount that failed, and not the machine. */
export function isMountFailure(error: unknown): error is Failure {
  return error instanceof Failure && error.code === MOUNT_FAILED;
}

/** Mounts the shares of a machine in order. Rejects with `Failure` infrastructure/share-mount-failed. */
export async function mountShares(
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
    await awaitAnswer(vm, share, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Failure({
      kind: 'infrastructure',
      code: MOUNT_FAILED,
      message: `The guest could not mount ${JSON.stringify(spec.host)} at ${JSON.stringify(spec.guest)} over ${device.kind}: ${(cause as Error).message}.`,
      hint: 'Share something else, or nothing with --no-share; the console in the record may say more.',
      cause,
    });
  }
}

/** A mount does not prove that somebody serves the share; reading its directory as a file does, by its refusal. */
async function awaitAnswer(vm: RunningVm, { spec }: PlannedShare, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(scaleTimeout(ANSWER_MS, vm.spec.accel));
  try {
    await vm.channel.readFile(spec.guest, { signal: AbortSignal.any([signal, late]) });
  } catch (error) {
    if (!(error instanceof GuestError)) throw late.aborted ? new Error('nobody answered') : error;
  }
}
