import type { Failure } from '../core/failure.ts';
import { readHostPressure } from '../platform/host-pressure.ts';
import { readRunDelay } from '../platform/run-delay.ts';
import { type Starvation, starvation } from '../platform/starvation.ts';
import type { GuestChannel, GuestHello } from './channel/guest-channel.ts';
import type { ConsoleLog } from './console-log.ts';
import { takeHangRecord, takeMachineRecord } from './hang-record.ts';
import type { LaunchedVm } from './launch.ts';
import type { Qmp } from './qmp.ts';
import { scaleTimeout, type VmSpec } from './spec.ts';

/** A guest that has said hello. Disposing of it ends QEMU and all that was started for it. */
export interface RunningVm extends AsyncDisposable {
  readonly spec: VmSpec;
  /** When QEMU was started, on the run's clock. */
  readonly startedAt: number;
  readonly hello: GuestHello;
  readonly channel: GuestChannel;
  readonly qmp: Qmp;
  readonly console: ConsoleLog;
  /** Resolves with the reason when the machine ends without having been asked to. */
  readonly death: Promise<Failure>;
  /** Says that the guest no longer answers: `death` resolves with guest-hang, unless something else came first. */
  declareHung(failure: Failure): void;
  /** How little the host has let the machine run since it was there. */
  starvation(): Starvation;
  /** What can be learnt from a guest that no longer answers; see hang-record.ts. */
  hangRecord(): Promise<string>;
  /** The part of it for which the guest is not asked. */
  machineRecord(): Promise<string>;
  /** Asks the guest to sync and unmount; returns when it has, or when the time is up. */
  shutdown(): Promise<void>;
}

const SHUTDOWN_MS = 2000;
const HANG_RECORD_MS = 4000;
/** For so long a console is silent that has said all. Emulated, one vCPU prints while the others have their turns, a tenth of a second each. */
const QUIET_MS = 400;

export interface ReadyVm {
  readonly vm: LaunchedVm;
  readonly hello: GuestHello;
  readonly channel: GuestChannel;
  readonly qmp: Qmp;
  /** All that was acquired for it. */
  readonly owned: AsyncDisposableStack;
}

export function runningVm({ vm, hello, channel, qmp, owned }: ReadyVm): RunningVm {
  const { spec, startedAt, console, ended } = vm;
  const before = readHostPressure();
  const scaled = (ms: number) => scaleTimeout(ms, spec.accel);
  return {
    ...{ spec, startedAt, hello, channel, qmp, console },
    death: ended.death,
    declareHung: ended.declareHung,
    starvation: () => starvation({ delay: readRunDelay(vm.qemu.pid), before, now: readHostPressure() }),
    hangRecord: async () => {
      const consoleQuiet = (maxMs: number) => console.quiet({ pauseMs: scaled(QUIET_MS), maxMs });
      const source = { qmp, type: console.type, consoleQuiet, vcpus: spec.smp.cpus };
      return takeHangRecord(source, scaled(HANG_RECORD_MS));
    },
    machineRecord: () => takeMachineRecord({ qmp, vcpus: spec.smp.cpus }),
    shutdown: async () => {
      ended.expect();
      const timeout = AbortSignal.timeout(scaled(SHUTDOWN_MS));
      await channel.shutdown({ signal: timeout }).catch(() => {}); // A guest that cannot is ended all the same.
    },
    [Symbol.asyncDispose]: async () => {
      ended.expect();
      await owned.disposeAsync();
    },
  };
}
