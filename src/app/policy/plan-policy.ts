import { realpathSync } from 'node:fs';
import { parseFlags } from '../../agents/flag.ts';
import type { AgentManifest } from '../../agents/manifest.ts';
import { policyManifest } from '../../agents/policy-manifest.ts';
import type { Emit } from '../../core/event.ts';
import { importedFiles } from './imported-files.ts';
import { inspectPolicy, type TypeCheck } from './inspect-policy.ts';
import { notShared } from './not-shared.ts';

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

/** The agent that runs a policy's file; everything that is wrong with it or its arguments is found here. Throws `Failure` usage/*. */
export async function planPolicy(options: PolicyPlanOptions): Promise<AgentManifest> {
  const { file, args, types, emit, signal } = options;
  const warn = (message: string) => emit({ type: 'notice', level: 'warning', message });
  const described = await inspectPolicy(file, { types, warn, signal });
  const manifest = policyManifest(seenByGuest(options), described);
  parseFlags(manifest.name, manifest.flags, args);
  return manifest;
}

/** The path of the policy in the guest, which has to see all that it is made of, and what links lead to. */
function seenByGuest({ file, guestPath }: Pick<PolicyPlanOptions, 'file' | 'guestPath'>): string {
  const path = guestPath(file);
  if (path === undefined) throw notShared(`The policy ${file} is in no directory that the guest can see.`);
  const hidden = importedFiles(file)
    .map(target)
    .find((used) => guestPath(used) === undefined);
  if (hidden === undefined) return path;
  throw notShared(`The policy ${file} needs ${hidden}, which is in no directory that the guest can see.`);
}

function target(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file; // Imported only when something happens, perhaps: then it is told where.
  }
}
