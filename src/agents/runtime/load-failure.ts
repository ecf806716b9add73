import { Failure } from '../../core/failure.ts';
import type { NativeError } from './addon.ts';
import { type LibbpfLog, readLibbpfLog } from './libbpf-log.ts';

/** Why a scheduler did not get into the kernel. The verifier log is whole: its last lines are the failure's evidence. */
export class LoadFailure extends Failure {
  readonly verifierLog: string;

  constructor(code: string, message: string, error: NativeError, log: LibbpfLog, hint?: string) {
    const lines = log.verifier === '' ? log.messages : log.verifier.split('\n');
    super({
      kind: 'agent',
      code,
      message,
      evidence: lines.slice(-EVIDENCE_LINES),
      cause: error,
      ...(hint && { hint }),
    });
    this.verifierLog = log.verifier;
  }
}

const EVIDENCE_LINES = 20;

/** In this order: the first that is found in what libbpf and the verifier said names the trouble. */
const MISSING_KFUNC = [
  /extern \(func ksym\) '([^']+)': not found in kernel/,
  /extern '([^']+)' \(strong\): not resolved/,
  /kfunc '([^']+)' is referenced but wasn't resolved/,
  /cannot find function (\w+?)(?:_impl)? in BTF/,
];
const INCOMPATIBLE_KFUNC = /extern \(func ksym\) '([^']+)': func_proto .* incompatible/;

export function loadFailure(scheduler: string, error: NativeError): LoadFailure {
  const log = readLibbpfLog(error.log ?? '');
  const fail = (code: string, message: string, hint?: string) =>
    new LoadFailure(code, message, error, log, hint);
  const said = `${log.messages.join('\n')}\n${log.verifier}`;
  const kfunc = MISSING_KFUNC.map((pattern) => pattern.exec(said)?.[1]).find((name) => name !== undefined);
  if (kfunc !== undefined) {
    return fail(
      'missing-kfunc',
      `${scheduler} needs the kernel function ${kfunc}, which this kernel does not offer.`,
      'Run a kernel that has it: sched_ext kernel functions come and go between versions.',
    );
  }
  const changed = INCOMPATIBLE_KFUNC.exec(said)?.[1];
  if (changed !== undefined) {
    return fail(
      'incompatible-kfunc',
      `${scheduler} was built for another ${changed} than this kernel's: its arguments differ.`,
    );
  }
  if (log.verifier !== '') {
    const program = log.program === undefined ? '' : ` in ${log.program}`;
    return fail(
      'verifier-rejected',
      `The kernel's verifier rejected ${scheduler}${program} (${error.code}).`,
    );
  }
  if (error.code === 'EPERM') return fail('not-permitted', `Loading ${scheduler} needs root (EPERM).`);
  return fail('load-failed', `${scheduler} cannot be loaded: ${error.message}`);
}

export function attachFailure(
  scheduler: string,
  error: NativeError,
  enabled: string | undefined,
): LoadFailure {
  const log = readLibbpfLog(error.log ?? '');
  if (error.code === 'EBUSY') {
    const other = enabled === undefined ? 'Another scheduler' : `The scheduler ${enabled}`;
    return new LoadFailure(
      'scheduler-busy',
      `${other} is loaded already: ${scheduler} has to wait.`,
      error,
      log,
    );
  }
  return new LoadFailure(
    'attach-failed',
    `The kernel did not take ${scheduler}: ${error.message}`,
    error,
    log,
    'The kernel says why on its console.',
  );
}
