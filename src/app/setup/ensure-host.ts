import { userInfo } from 'node:os';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { findProgram } from '../../platform/find-program.ts';
import { isNewEnough, OLDEST_QEMU, qemuVersion } from '../../platform/qemu-version.ts';
import { thisDistribution } from './distribution.ts';
import { canInstallSilently, hostIncomplete, installMissing } from './install.ts';
import { installCommands } from './install-commands.ts';
import { missingRequirements } from './requirements.ts';

export interface EnsureHostOptions {
  readonly emit: Emit;
  /** Milliseconds since the run started. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Asks the user; undefined where nobody can answer. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
}

/**
 * Sees to it that the machine has what a run needs: at once when it has, else by installing it (Debian, Ubuntu) after
 * asking, or without asking where nobody can answer but it can be done. Throws `Failure` host with the command to type.
 */
export async function ensureHost({ emit, now, signal, ask }: EnsureHostOptions): Promise<void> {
  const { uid } = userInfo();
  const missing = missingRequirements(uid, 'needed');
  if (missing.length > 0) {
    const distribution = thisDistribution();
    const names = missing.map(({ title }) => title).join(', ');
    const commands = installCommands(missing, distribution, uid).join(' && ');
    const refuse = hostIncomplete(missing, distribution, uid);
    if (distribution.family !== 'debian') throw refuse;
    if (ask) {
      if (!(await ask(`This machine lacks ${names}. Install it now with \`${commands}\`?`))) throw refuse;
    } else if (!(await canInstallSilently(signal))) {
      throw refuse;
    }
    emit({ type: 'notice', level: 'info', message: `This machine lacks ${names}: running ${commands}` });
    await asStage({ emit, now }, `Install ${names}`, (progress) =>
      installMissing({ missing, signal, canPrompt: ask !== undefined, progress }),
    );
  }
  await checkQemuVersion(signal);
}

async function asStage(
  { emit, now }: Pick<EnsureHostOptions, 'emit' | 'now'>,
  title: string,
  work: (progress: (detail: string) => void) => Promise<void>,
): Promise<void> {
  const startedAt = now();
  let announced = false;
  const announce = () => {
    if (!announced) emit({ type: 'stage-started', stage: 'host', title });
    announced = true;
  };
  let outcome: 'done' | 'failed' = 'failed';
  try {
    // Announced with its first progress: when apt itself has the terminal there is none, and nothing may draw over it.
    await work((detail) => {
      announce();
      emit({ type: 'stage-progress', stage: 'host', detail });
    });
    outcome = 'done';
  } finally {
    announce();
    emit({ type: 'stage-finished', stage: 'host', outcome, ms: now() - startedAt });
  }
}

async function checkQemuVersion(signal: AbortSignal): Promise<void> {
  const qemu = findProgram('qemu-system-x86_64');
  const version = qemu === undefined ? undefined : await qemuVersion(qemu, signal);
  if (!version || isNewEnough(version)) return;
  throw new Failure({
    kind: 'host',
    code: 'qemu-too-old',
    message: `QEMU ${version.text} is too old: devbox needs ${OLDEST_QEMU.major}.${OLDEST_QEMU.minor} or newer.`,
    hint: 'Upgrade the distribution, or put a newer qemu-system-x86_64 first on PATH.',
  });
}
