import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { EventBus } from '../core/event-bus.ts';
import { type Child, startChild } from '../platform/child.ts';
import type { Lease } from '../platform/lease.ts';
import { createBulkDisk } from './bulk-disk.ts';
import type { BulkSource } from './channel/guest-channel.ts';
import { type ConsoleLog, readConsole } from './console-log.ts';
import { openConsolePipe } from './console-pipe.ts';
import { type DeathNotice, watchForDeath } from './death.ts';
import { listenOnce } from './listener.ts';
import { qemuArgs } from './qemu-args.ts';
import { connectQmp, type Qmp } from './qmp.ts';
import type { VmSpec } from './spec.ts';

export interface LaunchOptions {
  /** The machine, but for its sockets: those are made here. */
  readonly spec: Omit<VmSpec, 'sockets'>;
  readonly lease: Lease;
  readonly bus: EventBus;
  /** Of a clone: what its template had printed of a line that was not at its end. */
  readonly unfinishedLine?: string;
}

/** QEMU, started and watched; nothing is known of what runs in it yet. */
export interface LaunchedVm {
  readonly spec: VmSpec;
  readonly qemu: Child;
  readonly console: ConsoleLog;
  readonly ended: DeathNotice;
  readonly qmp: Promise<Qmp>;
  /** Our end of the guest's port. */
  readonly port: Promise<Socket>;
  /** What the guest puts on its disk for output in bulk. */
  readonly bulk: BulkSource;
  /** On the run's clock. */
  readonly startedAt: number;
}

/** Starts QEMU. What it acquires goes to `stack`. */
export async function launch(options: LaunchOptions, stack: AsyncDisposableStack): Promise<LaunchedVm> {
  const { lease, bus, unfinishedLine } = options;
  const spec: VmSpec = { ...options.spec, sockets: socketPaths(lease.dir) };
  const [qmpPeer, guestPeer] = await Promise.all(
    [spec.sockets.qmp, spec.sockets.guest].map(async (path) => stack.use(await listenOnce(path))),
  );
  const bulk = stack.use(createBulkDisk(spec.sockets.bulk));
  const pipe = stack.use(await openConsolePipe(spec.sockets.console));
  const console = readConsole({
    ...{ pipe, bus, onFinding: (finding) => ended.onFinding(finding) },
    ...(unfinishedLine === undefined ? {} : { unfinishedLine }),
  });
  stack.defer(() => console.finish()); // After QEMU's end, before the pipe is closed.
  const argv = [spec.qemu, ...qemuArgs(spec)];
  const startedAt = bus.now();
  const qemu = stack.use(await startChild({ argv: withoutPrivileges(argv), stdout: 'ignore' }));
  lease.addChild(qemu.pid);
  bus.emit({ type: 'vm-started', accel: spec.accel, argv });

  const ended = watchForDeath(qemu, spec.accel);
  ended.follow(console);
  const qmp = (async () => {
    const connected = await connectQmp((await qmpPeer?.connection) as Socket);
    connected.onEvent(ended.onQmpEvent);
    return connected;
  })();
  qmp.catch(() => {}); // Whoever needs it awaits it; QEMU's end says more.
  return { spec, qemu, console, ended, qmp, port: guestPeer?.connection as Promise<Socket>, bulk, startedAt };
}

function socketPaths(dir: string): VmSpec['sockets'] {
  return {
    qmp: join(dir, 'qmp.sock'),
    console: join(dir, 'console'),
    guest: join(dir, 'guest.sock'),
    bulk: join(dir, 'bulk'),
  };
}

/** Root's QEMU needs none of root's capabilities; without them a guest that breaks out of it gains none. */
function withoutPrivileges(argv: readonly string[]): readonly string[] {
  if (process.getuid?.() !== 0) return argv;
  return ['setpriv', '--no-new-privs', '--bounding-set', '-all', '--inh-caps', '-all', '--', ...argv];
}
