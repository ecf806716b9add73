import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import type { ProcessExit } from '../../core/event.ts';
import { abortFailure, Failure } from '../../core/failure.ts';
import { describeExit } from '../../core/judge.ts';
import { runChild } from '../../platform/child.ts';
import { findProgram } from '../../platform/find-program.ts';
import { type Distribution, thisDistribution } from './distribution.ts';
import { aptArgv, installCommands } from './install-commands.ts';
import type { Requirement } from './requirements.ts';

export interface InstallOptions {
  readonly missing: readonly Requirement[];
  readonly signal: AbortSignal;
  /** sudo may ask for a password: apt then has the terminal, and nothing goes to `progress`. */
  readonly canPrompt: boolean;
  readonly progress: (detail: string) => void;
}

/** Installs by apt-get. Throws `Failure` host/install-failed with apt's last words, or host/host-incomplete. */
export async function installMissing({
  missing,
  signal,
  canPrompt,
  progress,
}: InstallOptions): Promise<void> {
  const { uid } = userInfo();
  const names = [...new Set(missing.map(({ packages }) => packages.debian))];
  for (const words of [['update'], ['install', '--yes', '--no-install-recommends', ...names]]) {
    const { exit, output } =
      canPrompt && uid !== 0
        ? await runInForeground(aptArgv(words, uid, true), signal)
        : await runQuietly(aptArgv(words, uid, false), signal, progress);
    if (exit.code === 0) continue;
    throw new Failure({
      kind: 'host',
      code: 'install-failed',
      message: `\`apt-get ${words[0]}\` ${describeExit(exit)}.`,
      evidence: output.trim().split('\n').slice(-15),
      hint: `Run it by hand: ${installCommands(missing, thisDistribution(), uid).join(' && ')}`,
    });
  }
  const left = missing.filter(({ isThere }) => !isThere());
  if (left.length > 0) throw hostIncomplete(left, thisDistribution(), uid);
}

interface AptEnd {
  readonly exit: ProcessExit;
  readonly output: string;
}

async function runQuietly(
  argv: readonly string[],
  signal: AbortSignal,
  progress: (detail: string) => void,
): Promise<AptEnd> {
  const onOutput = (chunk: Buffer) => {
    const last = chunk
      .toString('utf8')
      .trim()
      .split(/[\r\n]/)
      .at(-1);
    if (last && !last.startsWith('(Reading database')) progress(last);
  };
  const { exit, stdout, stderr } = await runChild({ argv, signal, onOutput });
  return { exit, output: `${stdout}\n${stderr}` };
}

/**
 * In our own session and process group, unlike every other child: sudo reads the password from the terminal, and only
 * the terminal's foreground may. Ctrl-C reaches it by itself.
 */
async function runInForeground(argv: readonly string[], signal: AbortSignal): Promise<AptEnd> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { stdio: ['inherit', 2, 2] });
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  if (signal.aborted) throw abortFailure(signal);
  return { exit: killedBy === null ? { code: code ?? 0 } : { signal: killedBy }, output: '' };
}

/** Whether this user can install packages without being asked anything. */
export async function canInstallSilently(signal: AbortSignal): Promise<boolean> {
  if (userInfo().uid === 0) return true;
  if (findProgram('sudo') === undefined) return false;
  const { exit } = await runChild({ argv: ['sudo', '--non-interactive', 'true'], signal });
  return exit.code === 0;
}

export function hostIncomplete(
  missing: readonly Requirement[],
  distribution: Distribution,
  uid: number,
): Failure {
  return new Failure({
    kind: 'host',
    code: 'host-incomplete',
    message: `This machine lacks ${missing.map(({ title }) => title).join(', ')}.`,
    hint: `Run: ${installCommands(missing, distribution, uid).join(' && ')}`,
  });
}
