import { Failure } from '../../core/failure.ts';
import type { FindingKind } from '../../core/finding.ts';
import { type Evidence, judgeExpecting } from '../../core/judge.ts';
import type { KernelFeature } from '../../core/kernel.ts';
import type { Verdict, VerdictKind } from '../../core/verdict.ts';
import type { Starvation } from '../../platform/starvation.ts';
import { flushConsole } from '../../vm/flush-console.ts';
import type { GuestRequest } from '../request.ts';
import type { SessionContext } from '../use-case.ts';
import { chooseMachine } from './choose-machine.ts';
import { collectFindings } from './collect-findings.ts';
import { prepareGuest } from './prepare-guest.ts';
import { type Guest, startGuest } from './start-guest.ts';
import { startTimeout } from './timeout.ts';

export interface InGuestOptions {
  readonly request: GuestRequest;
  readonly context: SessionContext;
  /** What the kernel must be able to do. */
  readonly requires?: readonly KernelFeature[];
  /** Whether an agent that comes with devbox, or a policy, is to run in it. */
  readonly isForAgent?: boolean;
  /** What the kernel may say without being judged by it. */
  readonly expectedFindings?: readonly FindingKind[];
  /** When the request names no timeout; milliseconds, before scaling. Undefined: for ever. */
  readonly defaultTimeoutMs?: number;
  /** The verdict that is demanded when the guest ends. Default: `passed`. */
  readonly expects?: () => VerdictKind;
}

/** Says what is known of the run when it has ended, however it ended. Asked once, after the guest is gone. */
export type Testimony = () => Partial<Evidence>;

/**
 * Prepares a guest, boots it, does `work` in it, ends it and judges. `work` registers what it can testify as it goes, so
 * that a run that stops early is judged by all that was learnt until then.
 */
export async function inGuest(
  options: InGuestOptions,
  work: (guest: Guest, testify: (testimony: Testimony) => void) => Promise<void>,
): Promise<Verdict> {
  const { request, context } = options;
  const findings = collectFindings(context.bus, options.expectedFindings);
  const testimonies: Testimony[] = [];
  const machine = await chooseMachine(request, context);
  const parts = await prepareGuest(request, context, options.requires ?? []);
  let guest: Guest | undefined;
  let failure: Failure | undefined;
  let slow: Starvation | undefined;
  try {
    await using started = await startGuest(request, parts, machine, context, options);
    guest = started;
    const { defaultTimeoutMs } = options;
    const limit =
      request.timeoutMs ?? (defaultTimeoutMs === undefined ? undefined : started.scale(defaultTimeoutMs));
    using _timeout = startTimeout(started, limit, context.bus);
    await work(started, (testimony) => void testimonies.push(testimony));
    await flushConsole(started.vm);
    slow = started.starvation();
    await started.vm.shutdown();
  } catch (error) {
    slow = guest?.starvation();
    if (!(error instanceof Failure) || error.kind === 'usage' || error.kind === 'host') throw error;
    failure = guest?.cause.failure ?? error;
  }
  const heard = testimonies.map((testimony) => testimony());
  const files = [...(guest?.files ?? []), ...heard.flatMap((part) => part.files ?? [])];
  const evidence: Evidence = {
    ...Object.assign({}, ...heard),
    findings,
    files,
    ...(slow && { starvation: slow }),
    ...(failure === undefined ? {} : { failure }),
  };
  return judgeExpecting(evidence, options.expects?.());
}
