import type { Readable } from 'node:stream';
import type { ProcessExit } from '../../core/event.ts';
import type { EventBus } from '../../core/event-bus.ts';
import type { GuestChannel } from '../../vm/channel/guest-channel.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import type { ExecOptions, GuestProcess } from '../../vm/channel/guest-process.ts';
import { feedStdin } from './feed-stdin.ts';
import { pumpProcess } from './guest-process.ts';
import { rejectOnAbort } from './reject-on-abort.ts';

/** A guest, as far as something is to be started in it. */
export interface CommandPlace {
  readonly vm: { readonly channel: Pick<GuestChannel, 'exec'> };
  readonly cause: { readonly signal: AbortSignal };
}

export interface CommandOptions {
  readonly guest: CommandPlace;
  readonly bus: EventBus;
  /** How the verdict speaks of it. */
  readonly name: string;
  readonly exec: ExecOptions;
  readonly stdin?: Readable;
  /** Stops waiting; the process itself ends with the guest. */
  readonly signal?: AbortSignal;
  readonly onStarted?: (process: GuestProcess) => void;
}

export interface CommandResult {
  readonly name: string;
  readonly exit: ProcessExit;
  readonly stderr: readonly string[];
}

/** Runs one process in the guest to its end, as the run's workload. Rejects with the first cause when the run stops. */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  const { guest, bus, name, exec } = options;
  const signal = options.signal ?? guest.cause.signal;
  const startedAt = bus.now();
  let process: GuestProcess;
  try {
    process = await guest.vm.channel.exec(exec, { signal });
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    return notStarted(options, error);
  }
  bus.emit({ type: 'workload-started', workload: name, argv: exec.argv, pid: process.pid });
  options.onStarted?.(process);
  using _stdin = options.stdin === undefined ? undefined : feedStdin(options.stdin, process);
  const pumped = pumpProcess({ process, bus, from: 'workload' });
  const exit = await Promise.race([pumped.done, rejectOnAbort(signal)]);
  bus.emit({ type: 'workload-exited', exit, ms: bus.now() - startedAt });
  return { name, exit, stderr: pumped.stderrTail() };
}

/** As a shell would say it: 127 for what is not there, 126 for what is there and cannot be run. */
function notStarted({ bus, name }: CommandOptions, error: GuestError): CommandResult {
  const exit = { code: error.errno === 'ENOENT' ? 127 : 126 };
  const data = Buffer.from(`devbox: ${error.message}\n`);
  bus.emit({ type: 'guest-output', stream: 'workload', fd: 2, data });
  bus.emit({ type: 'workload-exited', exit, ms: 0 });
  return { name, exit, stderr: [error.message] };
}
