import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EventBus } from '../core/event-bus.ts';
import { abortFailure, Failure } from '../core/failure.ts';
import type { Lease } from '../platform/lease.ts';
import { connectGuestChannel } from './channel/connect-guest-channel.ts';
import { holdBus } from './held-bus.ts';
import { type LaunchedVm, launch } from './launch.ts';
import { loadState } from './migration.ts';
import { findShares, plugShares, type ShareToPlug, startShareDaemons } from './plug-share.ts';
import { raceToReady } from './race-to-ready.ts';
import { createRamFile, type RamFile } from './ram-file.ts';
import { unpackRam } from './ram-pack.ts';
import { type RunningVm, runningVm } from './running-vm.ts';
import { scaleTimeout, type VmSpec } from './spec.ts';
import { ramOf, stateOf, type Template } from './template.ts';

export interface CloneOptions {
  readonly template: Template;
  /** Whether the template was made for this run, which has seen it boot. */
  readonly booted: boolean;
  /** What the template was booted with, but for the shares. */
  readonly spec: Omit<VmSpec, 'sockets'>;
  readonly shares: readonly ShareToPlug[];
  readonly lease: Lease;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
}

const CLONE_MS = 4000;
const ENTROPY_BYTES = 64;

/**
 * Makes a machine from a template: with the template's state, memory of its own, and shares plugged in. Rejects with a
 * `Failure` when it does not come to life, or with what the signal was aborted with; then nothing is left running, and
 * no event has told of it.
 */
export async function cloneVm(options: CloneOptions): Promise<RunningVm> {
  const { template, lease, signal } = options;
  if (signal.aborted) throw abortFailure(signal);
  await using stack = new AsyncDisposableStack();
  const bus = holdBus(options.bus);
  const ram = stack.use(await createRamFile(options.spec.memoryBytes, lease));
  const owned = stack.use(new AsyncDisposableStack());
  const daemons = startShareDaemons(options.shares, { lease, signal, stack: owned });
  stack.defer(async () => void (await Promise.allSettled([daemons]))); // Before what it acquires is disposed of.
  daemons.catch(() => {}); // Awaited when they are plugged in.
  const spec = { ...options.spec, ramFile: ram.path, incoming: true };
  const vm = await launch({ spec, lease, bus, unfinishedLine: template.unfinishedLine }, stack);
  if (!options.booted) {
    for (const text of template.console) bus.emit({ type: 'console-line', text });
  }
  const timeoutMs = scaleTimeout(CLONE_MS, spec.accel);
  const up = wakeUp({ vm, ram, daemons, ...options });
  const ready = await raceToReady({ vm, up, signal, timeoutMs, late: cloneTimeout(timeoutMs) });
  bus.release();
  const { release, vcpus, memoryKiB } = ready.hello;
  bus.emit({ type: 'guest-ready', release, vcpus, memoryKiB, ms: bus.now() - vm.startedAt });
  return runningVm({ vm, ...ready, owned: stack.move() });
}

interface WakeUp extends CloneOptions {
  readonly vm: LaunchedVm;
  readonly ram: RamFile;
  readonly daemons: ReturnType<typeof startShareDaemons>;
}

async function wakeUp({ template, vm, ram, daemons, signal }: WakeUp) {
  // QEMU does not look into its memory before it is told to go on: it starts while the memory is copied.
  await fillRam(template, ram, signal);
  const qmp = await vm.qmp;
  ram.unlink();
  await loadState(qmp, stateOf(template.dir), join(dirname(vm.spec.sockets.qmp), 'state.sock'));
  const served = await daemons;
  await plugShares(qmp, served, vm);
  await qmp.execute('cont');
  const epochNs = BigInt(Date.now()) * 1_000_000n;
  const resume = { epochNs, entropy: randomBytes(ENTROPY_BYTES) };
  const { held } = template;
  const channel = connectGuestChannel(await vm.port, {
    ...{ explain: vm.ended.explain, resume, bulk: vm.bulk },
    ...(held && { held }),
  });
  vm.ended.watchChannel(channel);
  const hello = await channel.hello;
  await findShares(served, channel, signal);
  return { qmp, channel, hello };
}

async function fillRam(template: Template, ram: RamFile, signal: AbortSignal): Promise<void> {
  await using packed = await open(ramOf(template.dir));
  await unpackRam(packed, template.extents, { to: ram.file, signal });
}

function cloneTimeout(ms: number): Failure {
  return new Failure({
    kind: 'boot',
    code: 'clone-timeout',
    message: `The clone did not say hello within ${Math.round(ms / 1000)} s.`,
  });
}
