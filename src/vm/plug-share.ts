import { Failure } from '../core/failure.ts';
import type { GuestChannel } from './channel/guest-channel.ts';
import type { LaunchedVm } from './launch.ts';
import { sharePort } from './qemu-args.ts';
import type { Qmp } from './qmp.ts';
import {
  type RunningShareDaemon,
  type ShareDaemon,
  type ShareDaemonOptions,
  startShareDaemon,
} from './share-daemon.ts';
import type { ShareDevice } from './spec.ts';

const LISTEN_MS = 2000;

export interface ShareToPlug {
  readonly device: ShareDevice;
  readonly daemon?: ShareDaemon;
}

export interface ServedShare {
  readonly device: ShareDevice;
  readonly daemon: RunningShareDaemon | undefined;
}

/** Plugs shares into the empty ports of a machine, in order. The guest finds them when it looks; see `findShares`. */
export async function plugShares(qmp: Qmp, shares: readonly ServedShare[], vm: LaunchedVm): Promise<void> {
  for (const [index, { device, daemon }] of shares.entries()) {
    if (daemon) vm.ended.watchShareDaemon(daemon.ended);
    const { tag } = device;
    const where = { id: tag, bus: sharePort(index) };
    if (device.kind === 'virtiofs') {
      const addr = { type: 'unix', data: { path: device.socket } };
      const backend = { type: 'socket', data: { addr, server: false } };
      await connectTo(daemon, () => qmp.execute('chardev-add', { id: tag, backend }));
      await qmp.execute('device_add', {
        driver: 'vhost-user-fs-pci',
        ...{ ...where, chardev: tag, tag, 'queue-size': 1024 },
      });
    } else {
      await qmp.execute('device_add', { driver: 'virtio-9p-pci', ...where, fsdev: tag, mount_tag: tag });
    }
  }
}

/** A daemon's socket is in the file system a moment before the daemon listens. */
async function connectTo(
  daemon: RunningShareDaemon | undefined,
  connect: () => Promise<unknown>,
): Promise<void> {
  const end = performance.now() + LISTEN_MS;
  for (;;) {
    try {
      await connect();
      return;
    } catch (error) {
      const isEarly = error instanceof Failure && error.message.includes('Connection refused');
      if (!isEarly || performance.now() > end) throw error;
      await daemon?.ready();
    }
  }
}

/** Starts what serves the shares; those that need nothing stay undefined. Settles when none is on its way any more. */
export async function startShareDaemons(
  shares: readonly ShareToPlug[],
  around: ShareDaemonOptions,
): Promise<ServedShare[]> {
  const started = await Promise.allSettled(
    shares.map(async ({ device, daemon }) => ({
      device,
      daemon: daemon && (await startShareDaemon(daemon, around)),
    })),
  );
  return started.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/**
 * Has the guest look at its PCI bus. It was told by an interrupt, too, but answers that when it pleases; once this has
 * returned, the devices have their drivers, and the daemons know of them.
 */
export async function findShares(
  shares: readonly ServedShare[],
  channel: GuestChannel,
  signal: AbortSignal,
): Promise<void> {
  if (shares.length === 0) return;
  await channel.writeFile('/sys/bus/pci/rescan', '1', { signal });
  // QEMU does not wait for the daemon's word that it may look into a queue. What the guest puts there before that is
  // noticed never: the mount would hang.
  await Promise.all(shares.map(({ daemon }) => daemon?.ready()));
}
