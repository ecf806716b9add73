import type { EventBus } from '../core/event-bus.ts';
import { abortFailure, Failure } from '../core/failure.ts';
import type { Lease } from '../platform/lease.ts';
import { connectGuestChannel } from './channel/connect-guest-channel.ts';
import { type LaunchedVm, launch } from './launch.ts';
import { raceToReady } from './race-to-ready.ts';
import { type ReadyVm, type RunningVm, runningVm } from './running-vm.ts';
import { type ShareDaemon, startShareDaemon } from './share-daemon.ts';
import type { VmSpec } from './spec.ts';

export interface BootOptions {
  /** The machine, but for its sockets. */
  readonly spec: Omit<VmSpec, 'sockets'>;
  /** Of shares that are there from the start. */
  readonly shareDaemons: readonly ShareDaemon[];
  readonly lease: Lease;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
  /** How long the guest may take to say hello, milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Starts QEMU and waits for the guest's hello, racing it against QEMU's exit, a panic on the console, the timeout and
 * the signal; the first one wins. Rejects with `Failure` boot/* (evidence: the console's last lines), or with what the
 * signal was aborted with. Nothing is left running when it rejects.
 */
export async function boot(options: BootOptions): Promise<RunningVm> {
  const ready = await bootToHello(options);
  const { vm, hello } = ready;
  const { release, vcpus, memoryKiB } = hello;
  const ms = options.bus.now() - vm.startedAt;
  options.bus.emit({ type: 'guest-ready', release, vcpus, memoryKiB, ms });
  return runningVm(ready);
}

/** The same for a machine that is not to be used as it is. */
export async function bootToHello(options: BootOptions): Promise<ReadyVm> {
  const { lease, signal } = options;
  if (signal.aborted) throw abortFailure(signal);
  await using stack = new AsyncDisposableStack();
  const daemons = [];
  for (const daemon of options.shareDaemons)
    daemons.push(await startShareDaemon(daemon, { lease, signal, stack }));
  const vm = await launch(options, stack);
  for (const daemon of daemons) vm.ended.watchShareDaemon(daemon.ended);
  const up = Promise.all([sayHello(vm), vm.qmp]);
  const late = bootTimeout(options.timeoutMs);
  const [greeted, qmp] = await raceToReady({ vm, up, signal, timeoutMs: options.timeoutMs, late });
  return { vm, ...greeted, qmp, owned: stack.move() };
}

async function sayHello({ port, ended, bulk }: LaunchedVm) {
  const channel = connectGuestChannel(await port, { explain: ended.explain, bulk });
  ended.watchChannel(channel);
  return { channel, hello: await channel.hello };
}

function bootTimeout(ms: number): Failure {
  return new Failure({
    kind: 'boot',
    code: 'boot-timeout',
    message: `The guest did not say hello within ${Math.round(ms / 1000)} s.`,
    hint: 'The console shows how far it came. A slow host needs --timeout; a kernel without virtio-serial never gets there.',
  });
}
