import type { EventBus } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import { formatBytes, formatDuration } from '../../core/units.ts';
import type { GuestOutputStream } from '../../vm/channel/output-stream.ts';
import { guestEnvironment } from '../guest/guest-environment.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';
import type { Guest } from '../guest/start-guest.ts';

export interface ExecRequest {
  /** In the guest. Default: what the working directory is in the share that holds it. */
  readonly cwd?: string;
  /** Beside PATH, HOME and the like. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. Default: none. */
  readonly input?: string | Uint8Array;
  /** Milliseconds; made longer for an emulated guest. The process is killed then. Default: for ever. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** How much it may print to each stream, bytes. Default: 64 MiB. */
  readonly maxOutputBytes?: number;
}

export interface ExecResult {
  /** Undefined when a signal ended it. */
  readonly code?: number;
  readonly signal?: string;
  /** As UTF-8, what is none replaced. */
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
  readonly stderrBytes: Buffer;
  /** CPU time, milliseconds. */
  readonly cpuMs: number;
}

export interface ExecPlace {
  readonly guest: Guest;
  readonly bus: EventBus;
  readonly cwd: string;
}

const MAX_OUTPUT = 64 * 2 ** 20;

export async function execInGuest(
  { guest, bus, cwd }: ExecPlace,
  argv: readonly string[],
  request: ExecRequest,
): Promise<ExecResult> {
  const { input, timeoutMs, maxOutputBytes = MAX_OUTPUT } = request;
  const signal = request.signal ? AbortSignal.any([guest.cause.signal, request.signal]) : guest.cause.signal;
  const process = await guest.vm.channel.exec(
    { argv, cwd: request.cwd ?? cwd, env: guestEnvironment(request.env), stdin: input !== undefined },
    { signal },
  );
  const startedAt = bus.now();
  bus.emit({ type: 'workload-started', workload: argv[0] as string, argv, pid: process.pid });
  const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(guest.scale(timeoutMs));
  const stop = late ? AbortSignal.any([signal, late]) : signal;
  if (input !== undefined) {
    const feeding = process.write(Buffer.from(input), { signal: stop }).then(() => process.endStdin());
    feeding.catch(() => {}); // It takes no more: what it prints and how it ends says why.
  }
  const done = Promise.all([
    collect(process.stdout, 1, maxOutputBytes, bus),
    collect(process.stderr, 2, maxOutputBytes, bus),
    process.exited,
  ]);
  done.catch(() => {});
  try {
    const [stdoutBytes, stderrBytes, exit] = await Promise.race([done, rejectOnAbort(stop)]);
    const { code, signal: killedBy, userUs, systemUs } = exit;
    const how = killedBy === undefined ? { code: code ?? 0 } : { signal: killedBy };
    bus.emit({ type: 'workload-exited', exit: how, ms: bus.now() - startedAt });
    const texts = { stdout: stdoutBytes.toString(), stderr: stderrBytes.toString() };
    return { ...how, ...texts, stdoutBytes, stderrBytes, cpuMs: (userUs + systemUs) / 1000 };
  } catch (error) {
    process.stdout.discard();
    process.stderr.discard();
    await process.signal('SIGKILL').catch(() => {}); // The guest is gone, and the process with it.
    if (late?.aborted && !signal.aborted) throw tooLate(argv, guest.scale(timeoutMs as number));
    throw error;
  }
}

async function collect(stream: GuestOutputStream, fd: 1 | 2, max: number, bus: EventBus): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const data of stream) {
    bytes += data.length;
    if (bytes > max) throw tooMuch(fd, max);
    chunks.push(data);
    bus.emit({ type: 'guest-output', stream: 'workload', fd, data });
    await bus.drain();
  }
  return Buffer.concat(chunks);
}

function tooMuch(fd: 1 | 2, max: number): Failure {
  return new Failure({
    kind: 'guest',
    code: 'too-much-output',
    message: `The process printed more than ${formatBytes(max)} to its standard ${fd === 1 ? 'output' : 'error'}.`,
    hint: 'Raise maxOutputBytes, or have it write to a file in a shared directory.',
  });
}

function tooLate(argv: readonly string[], ms: number): Failure {
  return new Failure({
    kind: 'guest',
    code: 'exec-timeout',
    message: `${argv[0]} was not over after ${formatDuration(ms)} and was killed.`,
    hint: 'Give it longer: timeoutMs.',
  });
}
