import { availableParallelism } from 'node:os';
import { DEFAULT_MEMORY, guestMemory } from '../../app/guest/guest-memory.ts';
import { resolveShares } from '../../app/guest/resolve-shares.ts';
import type { EnterRequest, ExecRequest, GuestRequest, RunRequest, ShellRequest } from '../../app/request.ts';
import { pathInGuest } from '../../core/share-spec.ts';
import { parseSmp } from '../../core/smp.ts';
import { parseBytes, parseDuration } from '../../core/units.ts';
import { parseAgent } from './agent-choice.ts';
import { usage } from './parse-words.ts';
import type { ParsedCommand } from './table.ts';
import { parseWorkload } from './workload-choice.ts';

/** setTimeout counts in 31 bits of milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export function runRequest(parsed: ParsedCommand, cwd: string): RunRequest {
  const workload = value(parsed, 'workload');
  return {
    ...guestRequest(parsed, cwd),
    agent: parseAgent(parsed.args[0] as string, cwd),
    agentArgs: parsed.rest ?? [],
    types: (value(parsed, 'types') ?? 'warn') as RunRequest['types'],
    ...(workload === undefined ? {} : { workload: parseWorkload(workload) }),
  };
}

export function execRequest(parsed: ParsedCommand, cwd: string): ExecRequest {
  return { ...guestRequest(parsed, cwd), command: parsed.rest ?? [] };
}

export function shellRequest(parsed: ParsedCommand, cwd: string): ShellRequest {
  return { ...guestRequest(parsed, cwd), command: parsed.rest ?? [] };
}

/** `--run ID`: a guest that runs already; undefined without it. Nothing about it can be chosen any more. */
export function enterRequest(
  parsed: ParsedCommand,
  terminal: EnterRequest['terminal'],
): EnterRequest | undefined {
  const guest = value(parsed, 'run');
  if (guest === undefined) return undefined;
  const other = [...parsed.flags.keys()].find((name) => !WITH_RUN.has(name));
  if (other !== undefined) {
    throw usage(
      'conflicting-flags',
      `--${other} cannot go together with --run: the guest runs already.`,
      'Leave it out, or boot a guest of your own, without --run.',
    );
  }
  return { guest, terminal, command: parsed.rest ?? [], ...shown(parsed) };
}

const WITH_RUN: ReadonlySet<string> = new Set(['run', 'json', 'quiet', 'debug', 'color']);

function shown(parsed: ParsedCommand) {
  const json = parsed.flags.has('json');
  const quiet = parsed.flags.has('quiet');
  if (json && quiet) throw usage('conflicting-flags', '--json and --quiet cannot go together.');
  return { json, quiet, debug: parsed.flags.has('debug') };
}

export function guestRequest(parsed: ParsedCommand, cwd: string): GuestRequest {
  const timeout = value(parsed, 'timeout');
  const smp = parseSmp(value(parsed, 'smp') ?? String(Math.min(4, availableParallelism())));
  const shares = resolveShares(parsed.flags.get('share'), parsed.flags.has('no-share'), cwd);
  return {
    cwd,
    smp,
    memoryBytes: parseMemory(value(parsed, 'memory'), smp.cpus),
    shares,
    workingDirectory: pathInGuest(cwd, shares) ?? shares[0]?.guest ?? '/',
    accel: (value(parsed, 'accel') ?? 'auto') as GuestRequest['accel'],
    ...(timeout === undefined ? {} : { timeoutMs: parseTimeout(timeout) }),
    append: parsed.flags.get('append') ?? [],
    freshBoot: parsed.flags.has('fresh-boot'),
    kernel: value(parsed, 'kernel') ?? 'scx',
    ...shown(parsed),
  };
}

function parseMemory(text: string | undefined, cpus: number): number {
  return text === undefined
    ? DEFAULT_MEMORY
    : guestMemory(parseSize('memory', text), cpus, `--memory ${text}`);
}

export function parseSize(flag: string, text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) {
    throw usage(`bad-${flag}`, `--${flag} ${text}: that is not a size.`, `Sizes look like 512M, 1G or 1.5G.`);
  }
  return bytes;
}

function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || !(ms > 0)) {
    throw usage('bad-timeout', `--timeout ${text}: that is not a time.`, 'Times look like 90s, 5m or 1h.');
  }
  if (ms > MAX_TIMEOUT_MS) throw usage('bad-timeout', `--timeout ${text} is too long; at most 24 days.`);
  return ms;
}

export function value(parsed: ParsedCommand, flag: string): string | undefined {
  return parsed.flags.get(flag)?.[0];
}
