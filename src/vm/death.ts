import type { ProcessExit } from '../core/event.ts';
import { Failure } from '../core/failure.ts';
import type { KernelFinding } from '../core/finding.ts';
import type { Child } from '../platform/child.ts';
import type { GuestChannel } from './channel/guest-channel.ts';
import type { ConsoleLog } from './console-log.ts';
import { lastWords } from './last-words.ts';
import type { QmpEvent } from './qmp.ts';
import { type Accel, scaleTimeout } from './spec.ts';

/** Watches a machine for all the ways it can end, and says which came first. */
export interface DeathNotice {
  /** Resolves once, with the first cause; never when the end was expected. */
  readonly death: Promise<Failure>;
  readonly onFinding: (finding: KernelFinding) => void;
  readonly onQmpEvent: (event: QmpEvent) => void;
  readonly declareHung: (failure: Failure) => void;
  follow(console: ConsoleLog): void;
  /** `ended` resolves when a file-sharing daemon has ended; without it the guest can never come to an orderly end. */
  watchShareDaemon(ended: Promise<Failure>): void;
  watchChannel(channel: GuestChannel): void;
  /** What is behind a connection that went away; `echo` itself when nothing else becomes known. Never rejects. */
  readonly explain: (echo: Failure) => Promise<Failure>;
  /** Whether the machine is stopped because we asked for that. */
  expectStop(expected: boolean): void;
  /** From now on the end is what we asked for. */
  expect(): void;
}

/** A panicking kernel reboots at once (panic=-1); one told otherwise on its command line gets this long. */
const PANIC_REBOOT_MS = 2000;
/** Between a connection that breaks and the end of QEMU that breaks it. */
const ECHO_AHEAD_MS = 5000;
/** A file-sharing daemon ends with QEMU, whose end may be seen a moment later. */
const DAEMON_AHEAD_MS = 500;

export function watchForDeath(qemu: Child, accel: Accel): DeathNotice {
  const { promise: death, resolve } = Promise.withResolvers<Failure>();
  const words = lastWords(qemu);
  let expected = false;
  let stopExpected = false;
  let panic: KernelFinding | undefined;
  let shutdownReason: string | undefined;
  let console: ConsoleLog | undefined;
  let daemonEnd: Failure | undefined;
  const die = (failure: Failure) => {
    if (!expected) resolve(failure);
  };

  void qemu.exited.then(async (exit) => {
    // A daemon that ended first is why QEMU failed; one that ends from now on only follows it.
    const cause = exit.code ? daemonEnd : undefined;
    await console?.finish(); // The panic's text may still be on its way.
    if (panic) die(panicFailure(panic));
    else die(cause ?? exitFailure({ exit, words: words(), shutdownReason }));
  });

  return {
    death,
    declareHung: die,
    onFinding: (finding) => {
      if (finding.kind !== 'panic' || panic) return;
      panic = finding;
      setTimeout(() => die(panicFailure(finding)), scaleTimeout(PANIC_REBOOT_MS, accel)).unref();
    },
    onQmpEvent: ({ event, data }) => {
      if (event === 'SHUTDOWN') shutdownReason = String(data.reason);
      if (event === 'STOP' && !stopExpected) die(stoppedFailure(words()));
    },
    follow: (followed) => {
      console = followed;
    },
    watchShareDaemon: (ended) => {
      void ended.then((failure) => {
        daemonEnd ??= failure;
        setTimeout(() => die(failure), DAEMON_AHEAD_MS).unref();
      });
    },
    watchChannel: (channel) => {
      void channel.closed.then((why) => {
        // A lost connection is an echo of QEMU's end; only a broken rule is a cause of its own.
        if (why instanceof Failure && why.code === 'guest-protocol') die(why);
      });
    },
    explain: async (echo) => {
      if (expected) return echo;
      const { promise: late, resolve: giveUp } = Promise.withResolvers<Failure>();
      const timer = setTimeout(giveUp, ECHO_AHEAD_MS, echo).unref();
      const cause = await Promise.race([death, late]);
      clearTimeout(timer);
      return cause;
    },
    expectStop: (isExpected) => {
      stopExpected = isExpected;
    },
    expect: () => {
      expected = true;
    },
  };
}

function panicFailure(panic: KernelFinding): Failure {
  return new Failure({
    kind: 'guest',
    code: 'kernel-panic',
    message: `The guest's kernel panicked: ${panic.title.replace(/^Kernel panic - not syncing:?\s*/, '')}.`,
    evidence: panic.lines,
  });
}

interface QemuEnd {
  readonly exit: ProcessExit;
  readonly words: readonly string[];
  readonly shutdownReason: string | undefined;
}

export function exitFailure({ exit, words, shutdownReason }: QemuEnd): Failure {
  // QEMU's names for what made a machine go down begin with whose doing it was.
  if (shutdownReason?.startsWith('host-')) {
    return new Failure({
      kind: 'infrastructure',
      code: 'qemu-ended',
      message: `QEMU was told to end by something on the host that is not devbox (${shutdownReason}).`,
      evidence: words,
      hint: 'Run it again. QEMU names the process when it was a signal.',
    });
  }
  if (exit.signal !== undefined) {
    return new Failure({
      kind: 'infrastructure',
      code: 'qemu-killed',
      message: `QEMU was killed by ${exit.signal}.`,
      evidence: words,
      hint: 'The kernel log of the host says whether it was the out-of-memory killer; if so give less --memory.',
    });
  }
  if (exit.code === 0) {
    const how = shutdownReason === undefined ? 'QEMU ended' : `the machine went down (${shutdownReason})`;
    return new Failure({
      kind: 'guest',
      code: 'guest-gone',
      message: `The guest went away by itself: ${how}.`,
      evidence: words,
    });
  }
  return new Failure({
    kind: 'infrastructure',
    code: 'qemu-failed',
    message: `QEMU ended with exit code ${exit.code}${words.length > 0 ? `: ${words.at(-1)}` : '.'}`,
    evidence: words,
  });
}

function stoppedFailure(words: readonly string[]): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'vm-stopped',
    message: 'QEMU stopped the machine: an internal error, or the disk of the host is full.',
    evidence: words,
    hint: 'If this was KVM, try --accel tcg; `devbox doctor` tests whether KVM really works here.',
  });
}

/** What kept a guest from saying hello, with the console's last lines as evidence. */
export async function bootFailure(
  cause: unknown,
  race: { console: ConsoleLog; qemu: Child },
): Promise<Failure> {
  await race.qemu.kill();
  await race.console.finish();
  if (!(cause instanceof Failure)) throw cause;
  const tail = race.console.tail();
  return new Failure({
    kind: cause.code === 'kernel-panic' || cause.kind === 'infrastructure' ? cause.kind : 'boot',
    code: cause.code,
    message: cause.kind === 'boot' ? cause.message : `The guest did not come up. ${cause.message}`,
    evidence: [
      ...cause.evidence,
      ...(tail.length > 0 ? ['Last lines of the console:', ...tail.slice(-20)] : []),
    ],
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    cause,
  });
}
