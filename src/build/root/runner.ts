import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { runChild } from '../../platform/child.ts';
import { cacheDir } from '../../platform/paths.ts';
import { bubblewrapArgs } from './bubblewrap-args.ts';
import type { RootCommand } from './root-command.ts';
import { unshareArgs } from './unshare-args.ts';

export type RunnerName = 'bubblewrap' | 'unshare';
export type WrapCommand = (root: string, command: RootCommand, uid: number) => string[];

const RUNNERS: Readonly<Record<RunnerName, WrapCommand>> = {
  bubblewrap: bubblewrapArgs,
  unshare: unshareArgs,
};

/** The way of entering a root that works on this machine, found by trying, and remembered until the next boot. */
export async function findRunner(root: string, uid: number, signal?: AbortSignal): Promise<WrapCommand> {
  const file = join(cacheDir(), 'runner.json');
  const machine = `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${uid}`;
  const known = recall(file, machine);
  if (known) return RUNNERS[known];
  const complaints: string[] = [];
  for (const name of Object.keys(RUNNERS) as RunnerName[]) {
    const complaint = await tryRunner(RUNNERS[name](root, { argv: ['/bin/true'] }, uid), signal);
    if (complaint === undefined) {
      mkdirSync(cacheDir(), { recursive: true });
      writeFileSync(file, JSON.stringify({ machine, name }));
      return RUNNERS[name];
    }
    complaints.push(`${name}: ${complaint}`);
  }
  throw new Failure({
    kind: 'host',
    code: 'no-root-runner',
    message: 'Cannot enter the build root: neither bubblewrap nor unshare works here.',
    hint: mend(complaints.join('\n')),
    evidence: complaints,
  });
}

async function tryRunner(argv: string[], signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { exit, stderr } = await runChild({
      argv,
      guarded: true,
      stdout: 'ignore',
      ...(signal && { signal }),
    });
    if (exit.code === 0) return undefined;
    return stderr.trim().split('\n').at(-1) || `it ended with ${exit.signal ?? `exit code ${exit.code}`}`;
  } catch (error) {
    if (error instanceof Failure && error.code === 'command-missing') return error.message;
    throw error;
  }
}

function mend(complaints: string): string {
  if (/bwrap" is not installed/.test(complaints)) return 'Run: sudo apt-get install bubblewrap';
  const apparmor = recallText('/proc/sys/kernel/apparmor_restrict_unprivileged_userns').trim();
  if (apparmor === '1') return 'Run: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0';
  const allowed = recallText('/proc/sys/kernel/unprivileged_userns_clone').trim();
  if (allowed === '0') return 'Run: sudo sysctl kernel.unprivileged_userns_clone=1';
  return 'In a container, allow user namespaces (with Docker: --security-opt seccomp=unconfined --cap-add SYS_ADMIN).';
}

function recall(file: string, machine: string): RunnerName | undefined {
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as { machine?: string; name?: string };
    const name = Object.keys(RUNNERS).find((runner) => runner === saved.name) as RunnerName | undefined;
    return saved.machine === machine ? name : undefined;
  } catch {
    return undefined;
  }
}

function recallText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
