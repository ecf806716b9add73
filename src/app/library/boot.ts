import { Failure } from '../../core/failure.ts';
import type { KernelFinding } from '../../core/finding.ts';
import type { Verdict } from '../../core/verdict.ts';
import { inGuest } from '../guest/in-guest.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';
import type { Guest } from '../guest/start-guest.ts';
import type { SessionContext } from '../use-case.ts';
import { type ExecRequest, type ExecResult, execInGuest } from './exec-in-guest.ts';
import { type GuestOptions, guestRequestOf } from './guest-options.ts';
import { perform, type RunContext } from './perform.ts';

export interface BootOptions extends GuestOptions, RunContext {}

/** A guest that has booted. Disposing of it ends it and everything that was started for it. */
export interface Vm extends AsyncDisposable {
  /** `uname -r`. */
  readonly release: string;
  readonly vcpus: number;
  /** The directory of the run's record: console, events, streams. */
  readonly record: string;
  /** What the kernel has complained about so far; grows. */
  readonly findings: readonly KernelFinding[];
  /** Runs a program to its end. Rejects with a `Failure` when it cannot be started, or the guest ends under it. */
  exec(argv: readonly string[], options?: ExecRequest): Promise<ExecResult>;
  /** At most 32,000 bytes of a file of the guest. */
  readFile(path: string): Promise<Buffer>;
  /** Writes a file of the guest, at most 32,000 bytes. */
  writeFile(path: string, content: string | Uint8Array): Promise<void>;
  /**
   * Ends the guest, and says what is to be thought of it: `kernel-splat` for a kernel that complained, `kernel-panic`,
   * `guest-hang`…; `passed` else, whatever programs exited with. May be called more than once.
   */
  close(): Promise<Verdict>;
}

export async function boot(options: BootOptions = {}): Promise<Vm> {
  const request = guestRequestOf(options);
  const findings: KernelFinding[] = [];
  const ready = Promise.withResolvers<{ readonly guest: Guest; readonly context: SessionContext }>();
  const released = Promise.withResolvers<void>();
  const ended = perform(
    { useCase: 'exec', request, cwd: request.cwd },
    (asked, context) => {
      context.bus.subscribe((event) => {
        if (event.type === 'finding') findings.push(event.finding);
      });
      return inGuest({ request: asked, context }, async (guest) => {
        ready.resolve({ guest, context });
        await Promise.race([released.promise, rejectOnAbort(guest.cause.signal)]);
      });
    },
    options,
  );
  ended.then(({ verdict, record }) => ready.reject(notBooted(verdict, record)), ready.reject);
  const { guest, context } = await ready.promise;
  const { channel, hello } = guest.vm;
  const { signal } = guest.cause;
  const close = async () => {
    released.resolve();
    return (await ended).verdict;
  };
  return {
    ...{ release: hello.release, vcpus: hello.vcpus, record: context.runDir, findings, close },
    exec: (argv, exec = {}) =>
      execInGuest({ guest, bus: context.bus, cwd: request.workingDirectory }, argv, exec),
    readFile: async (path) => Buffer.from(await channel.readFile(path, { signal })),
    writeFile: (path, content) => channel.writeFile(path, content, { signal }),
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}

function notBooted(verdict: Verdict, record: string): Failure {
  const { kind, summary, evidence, hint } = verdict;
  return new Failure({
    kind: kind === 'cancelled' ? 'cancelled' : 'boot',
    code: kind,
    message: summary,
    ...{ evidence, log: record },
    ...(hint !== undefined && { hint }),
  });
}
