import { parseFlags } from '../../agents/flag.ts';
import type { AgentManifest } from '../../agents/manifest.ts';
import { policyFailure } from '../../agents/policy-file/policy-failure.ts';
import { policyManifest } from '../../agents/policy-manifest.ts';
import type { Emit } from '../../core/event.ts';
import type { Failure } from '../../core/failure.ts';
import { checkTypes, type TypeMistake } from './check-types.ts';
import { describePolicy } from './describe-policy.ts';

/** What to do about the types of a policy's file: say what is wrong, refuse it, or not look. */
export type TypeCheck = 'warn' | 'error' | 'off';

export interface PolicyPlanOptions {
  /** Absolute. */
  readonly file: string;
  /** Where the guest sees it. Throws when it does not. */
  readonly guestFile: () => string;
  readonly args: readonly string[];
  readonly types: TypeCheck;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

const SHOWN_MISTAKES = 10;

/** The agent that runs a policy's file; everything that is wrong with it or its arguments is found here. Throws `Failure` usage/*. */
export async function planPolicy(options: PolicyPlanOptions): Promise<AgentManifest> {
  const { file, guestFile, args, types, emit, signal } = options;
  const [described, mistakes = []] = await Promise.all([
    describePolicy(file, { signal }),
    types === 'off' ? [] : checkTypes(file, signal),
  ]);
  const manifest = policyManifest(guestFile(), described);
  parseFlags(manifest.name, manifest.flags, args);
  if (mistakes.length > 0 && types === 'error') throw typesFailure(file, mistakes);
  for (const mistake of mistakes.slice(0, SHOWN_MISTAKES)) {
    emit({ type: 'notice', level: 'warning', message: mistakeText(mistake) });
  }
  if (mistakes.length > SHOWN_MISTAKES) {
    const rest = mistakes.length - SHOWN_MISTAKES;
    emit({ type: 'notice', level: 'warning', message: `${rest} more mistakes in the types of ${file}` });
  }
  return manifest;
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
