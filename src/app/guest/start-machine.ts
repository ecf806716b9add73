import { boot } from '../../vm/boot.ts';
import { cloneVm } from '../../vm/clone.ts';
import { findShares, plugShares, startShareDaemons } from '../../vm/plug-share.ts';
import { type ReadyVm, type RunningVm, runningVm } from '../../vm/running-vm.ts';
import { refusalOf, rememberRefusal } from './clone-refusal.ts';
import { bootTimeout, type MachineOptions, machineSpec, templateSpec } from './machine-spec.ts';
import { obtainTemplate } from './obtain-template.ts';
import { templateKey } from './template-key.ts';

/** A running machine with its shares attached, and how it came to be. */
export interface StartedMachine {
  readonly vm: RunningVm;
  /** Kept: it was to become a template, and its shares were plugged in like those of a clone. */
  readonly how: 'booted' | 'kept' | 'cloned';
}

/**
 * Makes the machine of a run: a clone, where that can be had, else one that is booted. Rejects with `Failure` boot/*, or
 * with the cause the run was stopped for; nothing is left running then.
 */
export async function startMachine(options: MachineOptions): Promise<StartedMachine> {
  if (options.request.freshBoot) return bootMachine(options);
  const spec = templateSpec(options);
  const key = templateKey(spec, { holdsAgent: options.holdsAgent });
  const refusal = refusalOf(key);
  if (refusal !== undefined) return bootInstead(options, refusal);
  const { bus, signal } = options.context;
  const obtained = await obtainTemplate({ ...options, spec, key });
  if (obtained.kind === 'nothing') return bootInstead(options, obtained.why);
  if (obtained.kind === 'machine') return goOnWith(obtained.machine, obtained.why, options);
  try {
    const { shares, lease } = options;
    const vm = await cloneVm({ ...obtained, spec, shares, lease, bus, signal });
    return { vm, how: 'cloned' };
  } catch (error) {
    if (signal.aborted) throw error;
    rememberRefusal(key, (error as Error).message);
    return bootInstead(options, (error as Error).message);
  }
}

async function bootMachine(options: MachineOptions): Promise<StartedMachine> {
  const { shares, lease, context } = options;
  const vm = await boot({
    spec: machineSpec(options),
    shareDaemons: shares.flatMap(({ daemon }) => (daemon === undefined ? [] : [daemon])),
    ...{ lease, bus: context.bus, signal: context.signal, timeoutMs: bootTimeout(options) },
  });
  return { vm, how: 'booted' };
}

export function bootInstead(options: MachineOptions, why: string): Promise<StartedMachine> {
  notice(options, why);
  return bootMachine(options);
}

function notice({ context }: MachineOptions, why: string): void {
  const message = `This guest is booted, not cloned, which takes longer: ${why.replace(/\.$/, '')}.`;
  context.bus.emit({ type: 'notice', level: 'info', message });
}

/** The shares of a machine that was to be a template are plugged in, as those of a clone are. */
async function goOnWith(machine: ReadyVm, why: string, options: MachineOptions): Promise<StartedMachine> {
  const { lease, context, shares } = options;
  const { bus, signal } = context;
  notice(options, why);
  await using stack = new AsyncDisposableStack();
  const vm = stack.use(runningVm(machine));
  const served = await startShareDaemons(shares, { lease, signal, stack: machine.owned });
  await plugShares(machine.qmp, served, machine.vm);
  await findShares(served, machine.channel, signal);
  const { release, vcpus, memoryKiB } = machine.hello;
  const ms = bus.now() - machine.vm.startedAt;
  bus.emit({ type: 'guest-ready', release, vcpus, memoryKiB, ms });
  stack.move();
  return { vm, how: 'kept' };
}
