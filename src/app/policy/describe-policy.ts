import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DescribedPolicy, PolicyAnswer } from '../../agents/policy-file/described-policy.ts';
import { policyFailure } from '../../agents/policy-file/policy-failure.ts';
import { Failure } from '../../core/failure.ts';
import { formatDuration } from '../../core/units.ts';
import { runChild } from '../../platform/child.ts';
import { meantPath } from '../../platform/near-path.ts';

/** An import that takes longer goes on for ever, also on a busy machine. */
const LIMIT_MS = 15_000;
/** Node's, when nothing is left to do but wait for a promise. */
const EXIT_UNSETTLED = 13;

export interface DescribeOptions {
  readonly signal?: AbortSignal;
  readonly limitMs?: number;
}

/**
 * What the policy in a file is: imported in a process of its own, which is ended when it takes too long. Throws a usage
 * `Failure` that says what is wrong with the file, and where.
 */
export async function describePolicy(
  file: string,
  { signal, limitMs = LIMIT_MS }: DescribeOptions = {},
): Promise<DescribedPolicy> {
  checkFile(file);
  const limit = AbortSignal.timeout(limitMs);
  const program = fileURLToPath(
    new URL(
      `../../agents/policy-file/describe-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
      import.meta.url,
    ),
  );
  let result: Awaited<ReturnType<typeof runChild>>;
  try {
    result = await runChild({
      argv: [process.execPath, '--no-warnings', program, file],
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (!limit.aborted || signal?.aborted) throw error;
    throw policyFailure('policy-hangs', `${file} was not imported within ${formatDuration(limitMs)}.`, {
      hint: 'Something in it loops, or waits, outside of create(): importing the file runs it.',
    });
  }
  return answerOf(file, result);
}

function answerOf(
  file: string,
  { exit, stdout, stderr }: Awaited<ReturnType<typeof runChild>>,
): DescribedPolicy {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (exit.code === 0 && last.startsWith('{')) {
    const answer = JSON.parse(last) as PolicyAnswer;
    if (answer.policy) return answer.policy;
    if (answer.failure) throw new Failure({ kind: 'usage', ...answer.failure });
  }
  if (exit.code === EXIT_UNSETTLED) {
    throw policyFailure('policy-hangs', `${file} awaits something that never comes.`, {
      hint: 'It is an await outside of any function: importing the file runs it.',
    });
  }
  const how =
    exit.signal === undefined ? `ends the process with exit code ${exit.code}` : `dies of ${exit.signal}`;
  throw policyFailure('policy-exits', `${file} ${how} when it is imported.`, {
    evidence: stderr
      .trimEnd()
      .split('\n')
      .slice(-10)
      .filter((line) => line !== ''),
    hint: 'A policy is made by create(), not when its file is imported.',
  });
}

function checkFile(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile()) return;
  if (stat) throw policyFailure('policy-not-a-file', `The policy ${file} is not a file.`);
  throw policyFailure('policy-missing', `The policy ${file} does not exist.`, {
    hint: meantPath(file, '`devbox agent new NAME` writes one that works.'),
  });
}
