import { readFileSync } from 'node:fs';
import { Failure } from '../../core/failure.ts';
import type { SchedulerExit } from '../../core/scheduler-exit.ts';
import { type CValue, isNativeError, type NativeBpfObject, type SchedulerAddon } from './addon.ts';
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
  /** Numbers of entries (for a ring: bytes) of maps by name, where they are not those of the object file. */
  readonly sizes?: Readonly<Record<string, number>>;
}

export interface LoadedScheduler extends Disposable {
  /** Valid until it is disposed. */
  mapFd(map: string): number;
  programFd(program: string): number;
  /** A variable that is not const. */
  setVariable(name: string, value: number | bigint | boolean): void;
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
export function loadScheduler(addon: SchedulerAddon, source: SchedulerSource): LoadedScheduler {
  const name = String(source.members.name ?? source.ops);
  const object = withNative(
    () => new addon.BpfObject(source.object),
    (error) => loadFailure(name, error),
  );
  try {
    for (const [variable, value] of Object.entries(source.variables)) object.setVariable(variable, value);
    for (const [member, value] of Object.entries(source.members)) object.setMember(source.ops, member, value);
    for (const [map, entries] of Object.entries(source.sizes ?? {})) object.setMaxEntries(map, entries);
    // The kernel compares it when the scheduler is enabled: a CPU that came or went since makes it ask for a restart.
    const sequence = readText(HOTPLUG_SEQ);
    if (sequence !== undefined) object.setMember(source.ops, 'hotplug_seq', BigInt(sequence));
    withNative(
      () => object.load(),
      // Asked only now: reading the kernel's type information a second time would slow every good start.
      (error) => unfitKernel(addon, name, object.membersInUse(source.ops)) ?? loadFailure(name, error),
    );
  } catch (error) {
    object.close();
    throw error;
  }
  return {
    mapFd: (map) => object.mapFd(map),
    programFd: (program) => object.programFd(program),
    setVariable: (variable, value) => object.setVariable(variable, value),
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

/** The plain reason for a refusal, when there is one: no BTF, no sched_ext, or an older one than the scheduler was written for. */
function unfitKernel(addon: SchedulerAddon, name: string, used: readonly string[]): Failure | undefined {
  const refuse = (code: string, message: string, hint: string) =>
    new Failure({ kind: 'agent', code, message, hint });
  let known: readonly string[] | null;
  try {
    known = addon.kernelStructMembers('sched_ext_ops');
  } catch (error) {
    if (!isNativeError(error)) throw error;
    return refuse(
      'no-btf',
      'This kernel has no type information (BTF): /sys/kernel/btf/vmlinux is missing.',
      'Build it with CONFIG_DEBUG_INFO_BTF=y.',
    );
  }
  if (!known) {
    return refuse('no-sched-ext', 'This kernel has no sched_ext.', 'Build it with CONFIG_SCHED_CLASS_EXT=y.');
  }
  const missing = used.filter((member) => !known.includes(member));
  if (missing.length === 0) return undefined;
  const names = missing.map((member) => `sched_ext_ops.${member}`).join(', ');
  return refuse(
    'missing-ops-member',
    `${name} needs ${names}, which this kernel does not have.`,
    'Run a newer kernel.',
  );
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
