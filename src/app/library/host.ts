import { userInfo } from 'node:os';
import { collectGarbage as collect, type Garbage } from '../collect-garbage.ts';
import type { Check } from '../doctor/check.ts';
import { examineHost as examine, isFit } from '../doctor/examine-host.ts';
import { type GuestListing, listGuests as list } from '../list-guests.ts';
import { thisDistribution } from '../setup/distribution.ts';
import { installMissing } from '../setup/install.ts';
import { installCommands } from '../setup/install-commands.ts';
import { missingRequirements } from '../setup/requirements.ts';
import type { WorkContext } from './work.ts';

export interface HostExamination {
  /** Whether runs can work. */
  readonly fit: boolean;
  readonly checks: readonly Check[];
}

export async function examineHost({
  signal = new AbortController().signal,
}: Pick<WorkContext, 'signal'> = {}): Promise<HostExamination> {
  const checks = await examine(signal);
  return { fit: isFit(checks), checks };
}

/** What the machine lacks, also of what only makes runs nicer, and how to install it. */
export interface SetUpPlan {
  /** Empty: nothing. */
  readonly missing: readonly string[];
  /** As it calls itself. */
  readonly distribution: string;
  /** As they would be typed. */
  readonly commands: readonly string[];
  /** Undefined where devbox does not know how: only the commands help there. Rejects with a `Failure` host. */
  readonly install?: (options: InstallOptions) => Promise<void>;
}

export interface InstallOptions {
  readonly signal?: AbortSignal;
  /** sudo may ask for a password on the terminal; nothing goes to `onProgress` then. Default: false. */
  readonly canPrompt?: boolean;
  readonly onProgress?: (detail: string) => void;
}

export async function planSetUp(): Promise<SetUpPlan> {
  const { uid } = userInfo();
  const distribution = thisDistribution();
  const missing = missingRequirements(uid, 'all');
  const install = ({ signal, canPrompt = false, onProgress = () => {} }: InstallOptions) =>
    installMissing({
      ...{ missing, canPrompt, progress: onProgress },
      signal: signal ?? new AbortController().signal,
    });
  return {
    missing: missing.map(({ title }) => title),
    distribution: distribution.name,
    commands: installCommands(missing, distribution, uid),
    ...(distribution.family === 'debian' && { install }),
  };
}

export async function listGuests(): Promise<GuestListing[]> {
  return list();
}

export interface GarbageOptions extends Pick<WorkContext, 'signal'> {
  /** What the store may keep, bytes. Default: ten GiB. */
  readonly maxBytes?: number;
  /** Say what would go, and let it stay. */
  readonly dryRun?: boolean;
}

export async function collectGarbage(options: GarbageOptions = {}): Promise<Garbage> {
  return collect({ ...options, dryRun: options.dryRun ?? false });
}
