import { parseFlags } from '../../agents/flag.ts';
import type { AgentManifest } from '../../agents/manifest.ts';
import { policyFailure } from '../../agents/policy-file/policy-failure.ts';
import { policyManifest } from '../../agents/policy-manifest.ts';
import type { Emit } from '../../core/event.ts';
import type { Failure } from '../../core/failure.ts';
import { checkTypes, type TypeMistake } from './check-types.ts';
import { describePolicy } from './describe-policy.ts';
import { importedFiles } from './imported-files.ts';
import { notShared } from './not-shared.ts';

/** What to do about the types of a policy's file: say what is wrong, refuse it, or not look. */
export type TypeCheck = 'warn' | 'error' | 'off';

export interface PolicyPlanOptions {
  /** Absolute. */
  readonly file: string;
  /** Where the guest sees a file of the host; undefined when it does not. */
  readonly guestPath: (file: string) => string | undefined;
  readonly args: readonly string[];
  readonly types: TypeCheck;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

const SHOWN_MISTAKES = 10;

/** The agent that runs a policy's file; everything that is wrong with it or its arguments is found here. Throws `Failure` usage/*. */
export async function planPolicy(options: PolicyPlanOptions): Promise<AgentManifest> {
  const { file, args, types, emit, signal } = options;
  const [described, mistakes = []] = await Promise.all([
    describePolicy(file, { signal }),
    types === 'off' ? [] : checkTypes(file, signal),
  ]);
  const manifest = policyManifest(seenByGuest(options), described);
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

/** The path of the policy in the guest, which has to see all that it is made of. */
function seenByGuest({ file, guestPath }: Pick<PolicyPlanOptions, 'file' | 'guestPath'>): string {
  const path = guestPath(file);
  if (path === undefined) throw notShared(`The policy ${file} is in no directory that the guest can see.`);
  const hidden = importedFiles(file).find((imported) => guestPath(imported) === undefined);
  if (hidden === undefined) return path;
  throw notShared(`The policy ${file} imports ${hidden}, which is in no directory that the guest can see.`);
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
