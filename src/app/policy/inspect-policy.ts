import type { DescribedPolicy } from '../../agents/policy-file/described-policy.ts';
import { policyFailure } from '../../agents/policy-file/policy-failure.ts';
import type { Failure } from '../../core/failure.ts';
import { checkTypes, type TypeMistake } from './check-types.ts';
import { describePolicy } from './describe-policy.ts';

/** What to do about the types of a policy's file: say what is wrong, refuse it, or not look. */
export type TypeCheck = 'warn' | 'error' | 'off';

export interface InspectOptions {
  readonly types: TypeCheck;
  /** Is told of each mistake in the types; some have several lines. */
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

const SHOWN_MISTAKES = 10;

/** Describes the policy in a file and checks its types, both at the same time. Throws `Failure` usage/*. */
export async function inspectPolicy(
  file: string,
  { types, warn, signal }: InspectOptions,
): Promise<DescribedPolicy> {
  const enough = new AbortController();
  const checking =
    types === 'off' ? Promise.resolve([]) : checkTypes(file, AbortSignal.any([signal, enough.signal]));
  const described = await describePolicy(file, { signal }).catch(async (error: unknown) => {
    // The check is of no use any more, but has to clear away what it has made.
    enough.abort(error);
    await Promise.allSettled([checking]);
    throw error;
  });
  const mistakes = (await checking) ?? [];
  if (mistakes.length > 0 && types === 'error') throw typesFailure(file, mistakes);
  for (const mistake of mistakes.slice(0, SHOWN_MISTAKES)) warn(mistakeText(mistake));
  const rest = mistakes.length - SHOWN_MISTAKES;
  if (rest > 0) warn(`${rest} more mistakes in the types of ${file}`);
  return described;
}

function mistakeText({ place, message, details }: TypeMistake): string {
  return [place === undefined ? message : `${place}: ${message}`, ...details].join('\n');
}

function typesFailure(file: string, mistakes: readonly TypeMistake[]): Failure {
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
  return policyFailure('policy-types', `tsc found ${count} in ${file}.`, {
    evidence: mistakes.slice(0, SHOWN_MISTAKES).flatMap((mistake) => mistakeText(mistake).split('\n')),
    hint: 'With --types warn it runs all the same.',
  });
}
