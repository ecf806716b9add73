import { Failure } from '../../core/failure.ts';
import { runChild } from '../../platform/child.ts';
import { findProgram } from '../../platform/find-program.ts';
import { diskFull, freeBytes } from '../../platform/store-disk-full.ts';

export interface GitCommand {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** On top of `quietEnvironment()`, or of what is given instead of that. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the user's own configuration counts: credentials, proxies, other names of hosts. No unless told. */
  readonly asUser?: boolean;
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly onStderr?: (text: string) => void;
}

export interface GitResult {
  /** 0 when it succeeded; a signal that ended it is -1. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Where a full disk would be, and the room that all of it takes, bytes. */
  readonly writesTo?: { readonly dir: string; readonly needs?: number };
}

/** Runs the host's git to its end, whatever its exit code. It never asks anybody anything. */
export async function tryGit({
  args,
  cwd,
  env,
  asUser,
  input,
  signal,
  onStderr,
}: GitCommand): Promise<GitResult> {
  requireGit();
  const stdout: Buffer[] = [];
  const { exit, stderr } = await runChild({
    argv: ['git', ...args],
    ...(cwd !== undefined && { cwd }),
    env: { ...(asUser ? userEnvironment() : quietEnvironment()), ...env },
    ...(input !== undefined && { input }),
    ...(signal && { signal }),
    onOutput: (chunk, fd) => {
      if (fd === 1) stdout.push(chunk);
      else onStderr?.(chunk.toString('utf8'));
    },
  });
  return { code: exit.code ?? -1, stdout: Buffer.concat(stdout), stderr };
}

/** Runs git and returns what it printed; throws `Failure` build with its complaint when it does not succeed. */
export async function git(command: GitCommand, failure: GitFailure): Promise<Buffer> {
  const result = await tryGit(command);
  if (result.code !== 0) throw gitFailure(result, failure);
  return result.stdout;
}

export function gitFailure({ stderr, code }: GitResult, { writesTo, ...failure }: GitFailure): Failure {
  if (writesTo && isAboutSpace(stderr, writesTo.dir)) return diskFull(writesTo.dir, writesTo.needs);
  return new Failure({ kind: 'build', ...failure, evidence: complaintOf(stderr, code) });
}

/** Of a file that it cannot write git does not always say why, and it takes what it wrote of it away again. */
function isAboutSpace(stderr: string, dir: string): boolean {
  if (/No space left on device|Disk quota exceeded/.test(stderr)) return true;
  return /unable to write/.test(stderr) && freeBytes(dir) < ALMOST_FULL;
}

/** The largest file of a kernel, and more. Bytes. */
const ALMOST_FULL = 64 * 2 ** 20;
const EVIDENCE_LINES = 8;

function complaintOf(stderr: string, code: number): string[] {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !/^hint:/.test(line));
  return lines.length > 0 ? lines.slice(-EVIDENCE_LINES) : [`git ended with ${code}`];
}

/** Throws `Failure` host/git-missing: nothing but sources that git keeps or compares needs it. */
export function requireGit(): void {
  if (findProgram('git') !== undefined) return;
  throw new Failure({
    kind: 'host',
    code: 'git-missing',
    message: 'A kernel from a directory or a Git repository needs "git", which is not installed.',
    hint: 'Run: sudo apt-get install git',
  });
}

/** Without the variables that point git elsewhere: devbox may itself run from a hook. */
function withoutGit(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
}

/** No configuration but the repository's own counts, so that no filter, hook or monitor of the user runs. */
function quietEnvironment(): Record<string, string | undefined> {
  return {
    ...withoutGit(),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
  };
}

/** `ext::` runs any command, so only these may be spoken. Nobody is asked for a password. */
function userEnvironment(): Record<string, string | undefined> {
  const ssh = process.env.GIT_SSH_COMMAND ?? 'ssh';
  const kept = Object.entries(process.env).filter(([name]) => /^GIT_(SSL_|CONFIG_|PROXY_)/.test(name));
  return {
    ...withoutGit(),
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    SSH_ASKPASS: 'true',
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
    GIT_SSH_COMMAND: `${ssh} -o BatchMode=yes`,
  };
}
