/**
 * How a sched_ext scheduler left the kernel: `struct scx_exit_info` as user space sees it.
 * Kinds: include/linux/sched/ext.h, `enum scx_exit_kind`.
 */
export interface SchedulerExit {
  /** Numeric `enum scx_exit_kind`. */
  readonly kind: number;
  readonly kindName: SchedulerExitKindName;
  /** 64 bits, as a decimal string (it does not fit a JavaScript number). */
  readonly exitCode: string;
  readonly reason: string;
  readonly message: string;
  /** The kernel's debug dump; may be long, may be empty. */
  readonly dump: string;
}

export type SchedulerExitKindName =
  | 'none'
  | 'done'
  | 'unregistered'
  | 'unregistered-by-bpf'
  | 'unregistered-by-kernel'
  | 'sysrq'
  | 'parent'
  | 'error'
  | 'error-bpf'
  | 'error-stall'
  | 'unknown';

const NAMES: ReadonlyMap<number, SchedulerExitKindName> = new Map([
  [0, 'none'],
  [1, 'done'],
  [64, 'unregistered'],
  [65, 'unregistered-by-bpf'],
  [66, 'unregistered-by-kernel'],
  [67, 'sysrq'],
  [68, 'parent'],
  [1024, 'error'],
  [1025, 'error-bpf'],
  [1026, 'error-stall'],
]);

export function schedulerExitKindName(kind: number): SchedulerExitKindName {
  return NAMES.get(kind) ?? 'unknown';
}

/** Anything but an orderly unload by its owner means the kernel threw the scheduler out. */
export function isEjection(exit: SchedulerExit): boolean {
  return exit.kind >= 1024 || exit.kindName === 'sysrq' || exit.kindName === 'unregistered-by-kernel';
}
