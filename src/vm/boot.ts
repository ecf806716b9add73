import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { ProcessExit } from '../core/event.ts';
import type { EventBus } from '../core/event-bus.ts';
import { abortFailure, Failure } from '../core/failure.ts';
import { type Child, startChild } from '../platform/child.ts';
import type { Lease } from '../platform/lease.ts';
import { readRunDelay, starvation } from '../platform/run-delay.ts';
import { awaitFile } from './await-file.ts';
import { connectGuestChannel, type GuestChannel, type GuestHello } from './channel/guest-channel.ts';
import { type ConsoleLog, readConsole } from './console-log.ts';
import { openConsolePipe } from './console-pipe.ts';
import { bootFailure, type DeathNotice, watchForDeath } from './death.ts';
import { takeHangRecord } from './hang-record.ts';
import { lastWords } from './last-words.ts';
import { listenOnce } from './listener.ts';
import { qemuArgs } from './qemu-args.ts';
import { connectQmp, type Qmp } from './qmp.ts';
import { scaleTimeout, type VmSpec } from './spec.ts';

/** A daemon that serves one share; it listens on `socket`, which lies in the lease's directory. */
export interface ShareDaemon {
  readonly argv: readonly string[];
  readonly socket: string;
}

export interface BootOptions {
  /** The machine, but for its sockets: those are made here. */
  readonly spec: Omit<VmSpec, 'sockets'>;
  readonly shareDaemons: readonly ShareDaemon[];
  readonly lease: Lease;
  readonly bus: EventBus;
  readonly signal: AbortSignal;
  /** How long the guest may take to say hello, milliseconds. */
  readonly timeoutMs: number;
}

/** A guest that has said hello. Disposing of it ends QEMU and all that was started for it. */
export interface RunningVm extends AsyncDisposable {
  readonly spec: VmSpec;
  readonly hello: GuestHello;
  readonly channel: GuestChannel;
  readonly qmp: Qmp;
  readonly console: ConsoleLog;
  /** Resolves with the reason when the machine ends without having been asked to. */
  readonly death: Promise<Failure>;
  /** Says that the guest no longer answers: `death` resolves with guest-hang, unless something else came first. */
  declareHung(failure: Failure): void;
  /** The share of its runnable time that the machine has waited for a CPU of the host, 0 to 1. */
  starvation(): number;
  /** What can be learnt from a guest that no longer answers; see hang-record.ts. */
  hangRecord(): Promise<string>;
  /** Asks the guest to sync and unmount; returns when it has, or when the time is up. */
  shutdown(): Promise<void>;
}

const SHUTDOWN_MS = 2000;
const HANG_RECORD_MS = 4000;

/**
 * Starts QEMU and waits for the guest's hello, racing it against QEMU's exit, a panic on the console, the timeout and
 * the signal; the first one wins. Rejects with `Failure` boot/* (evidence: the console's last lines), or with what the
 * signal was aborted with. Nothing is left running when it rejects.
 */
export async function boot(options: BootOptions): Promise<RunningVm> {
  const { lease, bus, signal } = options;
  if (signal.aborted) throw abortFailure(signal);
  await using stack = new AsyncDisposableStack();
  const spec: VmSpec = { ...options.spec, sockets: socketPaths(lease.dir) };

  const daemons: RunningShareDaemon[] = [];
  for (const daemon of options.shareDaemons) daemons.push(await startShareDaemon(daemon, options, stack));
  const [qmpPeer, guestPeer] = await Promise.all(
    [spec.sockets.qmp, spec.sockets.guest].map(async (path) => stack.use(await listenOnce(path))),
  );
  const consolePipe = stack.use(await openConsolePipe(spec.sockets.console));
  const console = readConsole({ pipe: consolePipe, bus, onFinding: (finding) => ended.onFinding(finding) });
  stack.defer(() => console.finish()); // After QEMU's end, before the pipe is closed.
  const argv = [spec.qemu, ...qemuArgs(spec)];
  const startedAt = bus.now();
  const qemu = stack.use(await startChild({ argv: withoutPrivileges(argv), stdout: 'ignore' }));
  lease.addChild(qemu.pid);
  bus.emit({ type: 'vm-started', accel: spec.accel, argv });

  const ended = watchForDeath(qemu, spec.accel);
  ended.follow(console);
  for (const daemon of daemons) ended.watchShareDaemon(daemon.ended);
  const qmp = (async () => {
    const connected = await connectQmp((await qmpPeer?.connection) as Socket);
    connected.onEvent(ended.onQmpEvent);
    return connected;
  })();
  const hello = (async () => {
    const channel = connectGuestChannel((await guestPeer?.connection) as Socket, {
      explain: ended.explain,
    });
    ended.watchChannel(channel);
    return { channel, hello: await channel.hello };
  })();

  const ready = await raceToReady({
    hello,
    qmp,
    ended,
    console,
    qemu,
    signal,
    deadlineMs: options.timeoutMs,
  });
  bus.emit({
    type: 'guest-ready',
    release: ready.hello.release,
    vcpus: ready.hello.vcpus,
    memoryKiB: ready.hello.memoryKiB,
    ms: bus.now() - startedAt,
  });
  const owned = stack.move();
  return runningVm({ qemu, spec, ...ready, console, ended, owned });
}

function socketPaths(dir: string): VmSpec['sockets'] {
  return { qmp: join(dir, 'qmp.sock'), console: join(dir, 'console'), guest: join(dir, 'guest.sock') };
}

interface RunningShareDaemon {
  /** Resolves when it has ended, with what to say about that. */
  readonly ended: Promise<Failure>;
}

async function startShareDaemon(
  daemon: ShareDaemon,
  options: BootOptions,
  stack: AsyncDisposableStack,
): Promise<RunningShareDaemon> {
  const child = stack.use(await startChild({ argv: daemon.argv }));
  options.lease.addChild(child.pid);
  child.stdout?.resume();
  const words = lastWords(child);
  const ended = child.exited.then((exit) => shareDaemonFailure(exit, words()));
  const stop = new AbortController();
  try {
    const listening = awaitFile(daemon.socket, AbortSignal.any([options.signal, stop.signal]));
    await Promise.race([listening, ended.then((failure) => Promise.reject(failure))]);
  } finally {
    stop.abort();
  }
  return { ended };
}

function shareDaemonFailure(exit: ProcessExit, words: readonly string[]): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'share-daemon-failed',
    message: `The file-sharing daemon ended (${exit.signal ?? `exit code ${exit.code}`})${words.length > 0 ? `: ${words.at(-1)}` : '.'}`,
    evidence: words,
    hint: 'Run `devbox doctor`, or share nothing with --no-share.',
  });
}

/** Root's QEMU needs none of root's capabilities; without them a guest that breaks out of it gains none. */
function withoutPrivileges(argv: readonly string[]): readonly string[] {
  if (process.getuid?.() !== 0) return argv;
  return ['setpriv', '--no-new-privs', '--bounding-set', '-all', '--inh-caps', '-all', '--', ...argv];
}

interface ReadyRace {
  readonly hello: Promise<{ channel: GuestChannel; hello: GuestHello }>;
  readonly qmp: Promise<Qmp>;
  readonly ended: DeathNotice;
  readonly console: ConsoleLog;
  readonly qemu: Child;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

async function raceToReady(race: ReadyRace): Promise<{ channel: GuestChannel; hello: GuestHello; qmp: Qmp }> {
  const { signal, deadlineMs } = race;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(abortFailure(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => {
    reject(
      new Failure({
        kind: 'boot',
        code: 'boot-timeout',
        message: `The guest did not say hello within ${Math.round(deadlineMs / 1000)} s.`,
        hint: 'The console shows how far it came. A slow host needs --timeout; a kernel without virtio-serial never gets there.',
      }),
    );
  }, deadlineMs);
  const died = race.ended.death.then((failure) => Promise.reject(failure));
  died.catch(() => {});
  race.hello.catch(() => {}); // When the race is lost elsewhere, its rejection is only an echo.
  race.qmp.catch(() => {});
  try {
    const up = Promise.all([race.hello, race.qmp]).catch(waitForCause);
    const [{ channel, hello }, qmp] = await Promise.race([up, died, stopped]);
    return { channel, hello, qmp };
  } catch (error) {
    if (signal.aborted) throw abortFailure(signal);
    throw await bootFailure(error, race);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function starvationOf(qemu: Child): number {
  const delay = readRunDelay(qemu.pid);
  return delay === undefined ? 0 : starvation(delay);
}

/** A connection that broke is the echo of QEMU's end, which is about to be told. */
function waitForCause(error: unknown): Promise<never> {
  const isEcho = error instanceof Failure && (error.code === 'guest-disconnected' || error.code === 'qmp');
  return isEcho ? new Promise(() => {}) : Promise.reject(error);
}

interface Parts {
  readonly qemu: Child;
  readonly spec: VmSpec;
  readonly hello: GuestHello;
  readonly channel: GuestChannel;
  readonly qmp: Qmp;
  readonly console: ConsoleLog;
  readonly ended: DeathNotice;
  readonly owned: AsyncDisposableStack;
}

function runningVm(parts: Parts): RunningVm {
  const { spec, hello, channel, qmp, console, ended, owned } = parts;
  const scaled = (ms: number) => scaleTimeout(ms, spec.accel);
  return {
    ...{ spec, hello, channel, qmp, console },
    death: ended.death,
    declareHung: ended.declareHung,
    starvation: () => starvationOf(parts.qemu),
    hangRecord: async () => {
      const source = { qmp, type: console.type, consoleQuiet: console.quiet, vcpus: spec.smp.cpus };
      return takeHangRecord(source, scaled(HANG_RECORD_MS));
    },
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
