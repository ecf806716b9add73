import { readFileSync } from 'node:fs';
import { Failure } from '../../core/failure.ts';
import type { SchedulerExit } from '../../core/scheduler-exit.ts';
import { type CValue, isNativeError, type NativeAddon, type NativeBpfObject } from './addon.ts';
import { schedulerExit } from './exit-record.ts';
import { attachFailure, loadFailure } from './load-failure.ts';

/**
 * A sched_ext scheduler in an object file built from native/bpf, with exit-record.h in it.
 *
 *   SchedulerSource --load--> LoadedScheduler --attach--> AttachedScheduler --detach, or the kernel--> exit
 */
export interface SchedulerSource {
  /** Path of the .bpf.o */
  readonly object: string;
  /** Name of the struct_ops map. */
  readonly ops: string;
  /** `const volatile` knobs by name. */
  readonly variables: Readonly<Record<string, number | bigint | string>>;
  /** Members of sched_ext_ops to set before loading: `name`, `timeout_ms`. */
  readonly members: Readonly<Record<string, number | bigint | string>>;
}

export interface LoadedScheduler extends Disposable {
  /** The scheduler runs when this returns. */
  attach(): AttachedScheduler;
}

export interface AttachedScheduler extends Disposable {
  /** Resolves when the scheduler has left the kernel, whoever caused it. */
  readonly exit: Promise<SchedulerExit>;
  /** One value for each possible CPU. Works after the exit, too, until it is disposed. */
  readPerCpu(map: string): readonly CValue[];
  /** Takes the scheduler out of the kernel; wait for `exit` to be sure. */
  detach(): void;
}

const HOTPLUG_SEQ = '/sys/kernel/sched_ext/hotplug_seq';
const ENABLED_OPS = '/sys/kernel/sched_ext/root/ops';
const EXIT_EVENTS = 'exit_events';

/** Throws a Failure of the kind `agent`; `LoadFailure` when libbpf or the kernel refused. */
export function loadScheduler(addon: NativeAddon, source: SchedulerSource): LoadedScheduler {
  const name = String(source.members.name ?? source.ops);
  const kernelMembers = schedExtOpsMembers(addon);
  const object = withNative(
    () => new addon.BpfObject(source.object),
    (error) => loadFailure(name, error),
  );
  try {
    for (const [variable, value] of Object.entries(source.variables)) object.setVariable(variable, value);
    for (const [member, value] of Object.entries(source.members)) object.setMember(source.ops, member, value);
    refuseUnknownMembers(name, object.membersInUse(source.ops), kernelMembers);
    // The kernel compares it when the scheduler is enabled: a CPU that came or went since makes it ask for a restart.
    const sequence = kernelMembers.includes('hotplug_seq') ? readText(HOTPLUG_SEQ) : undefined;
    if (sequence !== undefined) object.setMember(source.ops, 'hotplug_seq', BigInt(sequence));
    withNative(
      () => object.load(),
      (error) => loadFailure(name, error),
    );
  } catch (error) {
    object.close();
    throw error;
  }
  return {
    attach: () => attach(object, source.ops, name),
    [Symbol.dispose]: () => object.close(),
  };
}

function attach(object: NativeBpfObject, ops: string, name: string): AttachedScheduler {
  const { promise, resolve } = Promise.withResolvers<SchedulerExit>();
  object.watchRing(EXIT_EVENTS, () => {
    resolve(schedulerExit(object.readVariable('exit_record'), object.readVariable('exit_dump')));
  });
  withNative(
    () => object.attach(ops),
    (error) => attachFailure(name, error, readText(ENABLED_OPS)),
  );
  return {
    exit: promise,
    readPerCpu: (map) => object.readPerCpu(map),
    detach: () => object.detach(),
    [Symbol.dispose]: () => object.close(),
  };
}

function schedExtOpsMembers(addon: NativeAddon): readonly string[] {
  const members = withNative(
    () => addon.kernelStructMembers('sched_ext_ops'),
    (cause) =>
      new Failure({
        kind: 'agent',
        code: 'no-btf',
        message: 'This kernel has no type information (BTF): /sys/kernel/btf/vmlinux is missing.',
        hint: 'Build it with CONFIG_DEBUG_INFO_BTF=y.',
        cause,
      }),
  );
  if (members) return members;
  throw new Failure({
    kind: 'agent',
    code: 'no-sched-ext',
    message: 'This kernel has no sched_ext.',
    hint: 'Build it with CONFIG_SCHED_CLASS_EXT=y.',
  });
}

function refuseUnknownMembers(name: string, used: readonly string[], known: readonly string[]): void {
  const missing = used.filter((member) => !known.includes(member));
  if (missing.length === 0) return;
  throw new Failure({
    kind: 'agent',
    code: 'missing-ops-member',
    message: `${name} needs ${missing.map((member) => `sched_ext_ops.${member}`).join(', ')}, which this kernel does not have.`,
    hint: 'Run a newer kernel.',
  });
}

function withNative<T>(run: () => T, explain: (error: Parameters<typeof loadFailure>[1]) => Failure): T {
  try {
    return run();
  } catch (error) {
    throw isNativeError(error) ? explain(error) : error;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
