import { parseBytes, parseDuration } from '../../core/units.ts';
import type { EnterOptions, ExecOptions, GuestOptions, RunOptions } from '../../index.ts';
import { usage } from './parse-words.ts';
import type { ParsedCommand } from './table.ts';
import { parseWorkload } from './workload-choice.ts';

/** What the words of `devbox run` say of the run; the library knows what holds where they say nothing. */
export function runOptions(parsed: ParsedCommand): RunOptions {
  const workload = value(parsed, 'workload');
  return {
    ...guestOptions(parsed),
    agent: parsed.args[0] as string,
    agentArgs: parsed.rest ?? [],
    types: (value(parsed, 'types') ?? 'warn') as NonNullable<RunOptions['types']>,
    ...(workload === undefined ? {} : { workload: parseWorkload(workload) }),
  };
}

export function execOptions(parsed: ParsedCommand): ExecOptions {
  return { ...guestOptions(parsed), argv: parsed.rest ?? [] };
}

/** `--run ID`: a guest that runs already; undefined without it. Nothing about it can be chosen any more. */
export function enterOptions(parsed: ParsedCommand, as: EnterOptions['as']): EnterOptions | undefined {
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
  return { guest, as, argv: parsed.rest ?? [] };
}

const WITH_RUN: ReadonlySet<string> = new Set(['run', 'json', 'quiet', 'debug', 'color']);

/** How it is to be shown. */
export function shownBy(parsed: ParsedCommand) {
  const json = parsed.flags.has('json');
  const quiet = parsed.flags.has('quiet');
  if (json && quiet) throw usage('conflicting-flags', '--json and --quiet cannot go together.');
  return { json, quiet, debug: parsed.flags.has('debug') };
}

export function guestOptions(parsed: ParsedCommand): GuestOptions {
  const { flags } = parsed;
  const [kernel, smp, memory, accel, timeout] = ['kernel', 'smp', 'memory', 'accel', 'timeout'].map((name) =>
    value(parsed, name),
  );
  const share = sharesOf(parsed);
  return {
    ...(kernel !== undefined && { kernel }),
    ...(smp !== undefined && { smp }),
    ...(memory !== undefined && { memory: parseSize('memory', memory) }),
    ...(share && { share }),
    ...(accel !== undefined && { accel: accel as NonNullable<GuestOptions['accel']> }),
    ...(timeout !== undefined && { timeoutMs: parseTimeout(timeout) }),
    append: flags.get('append') ?? [],
    freshBoot: flags.has('fresh-boot'),
  };
}

/** Undefined: what is usual. */
export function sharesOf({ flags }: ParsedCommand): readonly string[] | undefined {
  const share = flags.get('share');
  if (!flags.has('no-share')) return share;
  if (share) {
    throw usage('conflicting-flags', '--share and --no-share cannot go together.', 'Leave one of them out.');
  }
  return [];
}

export function parseSize(flag: string, text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) {
    throw usage(`bad-${flag}`, `--${flag} ${text}: that is not a size.`, `Sizes look like 512M, 1G or 1.5G.`);
  }
  return bytes;
}

export function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw usage('bad-timeout', `--timeout ${text}: that is not a time.`, 'Times look like 90s, 5m or 1h.');
}

export function value(parsed: ParsedCommand, flag: string): string | undefined {
  return parsed.flags.get(flag)?.[0];
}
