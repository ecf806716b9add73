import { type SchedulerExit, schedulerExitKindName } from '../../core/scheduler-exit.ts';
import type { CStruct, CValue } from './addon.ts';

/** `struct exit_record` and `exit_dump` of native/bpf/exit-record.h as the core knows them. */
export function schedulerExit(record: CValue, dump: CValue): SchedulerExit {
  const { kind, exit_code, reason, message } = record as CStruct;
  return {
    kind: Number(kind),
    kindName: schedulerExitKindName(Number(kind)),
    exitCode: String(exit_code),
    reason: cString(reason),
    message: cString(message),
    dump: cString(dump),
  };
}

/** Bytes up to the first NUL. Kernel text may hold any byte (task names do): what is not UTF-8 is replaced. */
export function cString(value: CValue | undefined): string {
  if (!(value instanceof Uint8Array)) return '';
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

/** SCX_ECODE_ACT_RESTART of `enum scx_exit_code`: user space is asked to load the scheduler again, as after CPU hotplug. */
const RESTART = 1n << 48n;

export function asksForRestart(exit: SchedulerExit): boolean {
  return exit.kind < 1024 && (BigInt(exit.exitCode) & RESTART) !== 0n;
}
