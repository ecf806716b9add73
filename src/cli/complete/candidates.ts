import { isKselftest } from '../../core/kselftest.ts';
import { flagsOf, TOP } from '../parse/parse-words.ts';
import type { CommandSpec, Completion, FlagSpec, ValueSpec } from '../parse/table.ts';

export interface Candidate {
  readonly value: string;
  readonly summary: string;
}

/** What can stand at the end of a command line: words from the table, and a kind of name that the machine knows. */
export interface Candidates {
  readonly fixed: readonly Candidate[];
  readonly dynamic: Completion;
  /** What the last word holds before the part that is completed: `--accel=`. */
  readonly prefix: string;
  /** For `agent-flag`: the agent, and the words after `--` without the last one. */
  readonly agent?: TypedAgent;
}

export interface TypedAgent {
  readonly name: string;
  /** Without those that are about the way to the kernel. */
  readonly isSimulated: boolean;
  readonly words: readonly string[];
}

const NOTHING: Candidates = { fixed: [], dynamic: 'none', prefix: '' };

/** `words` as typed after `devbox`; the last one, possibly empty, is the one to complete. Mistakes before it are passed over. */
export function candidates(words: readonly string[]): Candidates {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const state = walk(before);
  if (state.rest) {
    const { spec, args, rest: words } = state;
    const name = args[0];
    const kind = spec.args?.[0]?.completion;
    if (name === undefined || (kind !== 'agent-or-path' && kind !== 'policy-or-path'))
      return { ...NOTHING, dynamic: 'file' };
    const agent = { name, words, isSimulated: kind === 'policy-or-path' };
    return { ...NOTHING, dynamic: 'agent-flag', agent };
  }
  if (state.awaiting?.value) return forValue(state.awaiting.value, '');
  const equals = last.startsWith('--') ? last.indexOf('=') : -1;
  if (equals !== -1) {
    const flag = findFlag(state.spec, last.slice(0, equals));
    return flag?.value ? forValue(flag.value, last.slice(0, equals + 1)) : NOTHING;
  }
  if (last.startsWith('-')) return { ...NOTHING, fixed: flagCandidates(state) };
  if (state.spec.commands) {
    const fixed = state.spec.commands.filter(({ hidden }) => !hidden);
    return { ...NOTHING, fixed: fixed.map(({ name, summary }) => ({ value: name, summary })) };
  }
  const specs = state.spec.args ?? [];
  const spec = specs[state.args.length] ?? (specs.at(-1)?.repeatable ? specs.at(-1) : undefined);
  if (spec?.completion === 'suite-or-file' && state.args.some(isKselftest))
    return { ...NOTHING, dynamic: 'kselftest-case' };
  return spec ? forValue(spec, '') : NOTHING;
}

interface State {
  readonly spec: CommandSpec;
  readonly used: ReadonlySet<string>;
  readonly args: readonly string[];
  /** A flag whose value comes next. */
  readonly awaiting: FlagSpec | undefined;
  /** After `--`; undefined without one. */
  readonly rest: readonly string[] | undefined;
}

function walk(words: readonly string[]): State {
  const used = new Set<string>();
  let spec = TOP;
  const args: string[] = [];
  let awaiting: FlagSpec | undefined;
  for (const [index, word] of words.entries()) {
    if (awaiting) {
      awaiting = undefined;
    } else if (word === '--') {
      return { spec, used, args, awaiting, rest: words.slice(index + 1) };
    } else if (word.startsWith('-') && word !== '-') {
      const flag = findFlag(spec, word.split('=')[0] ?? word);
      if (flag) used.add(flag.name);
      awaiting = flag?.value && !word.includes('=') ? flag : undefined;
    } else {
      const next: CommandSpec | undefined = spec.commands?.find(({ name }) => name === word);
      if (next) spec = next;
      else args.push(word);
    }
  }
  return { spec, used, args, awaiting, rest: undefined };
}

function findFlag(spec: CommandSpec, typed: string): FlagSpec | undefined {
  return flagsOf(spec).find(
    ({ name, short }) => typed === `--${name}` || (short !== undefined && typed === `-${short}`),
  );
}

function flagCandidates({ spec, used }: State): Candidate[] {
  const left = flagsOf(spec).filter(({ name, repeatable }) => repeatable || !used.has(name));
  return left.map(({ name, summary }) => ({ value: `--${name}`, summary }));
}

function forValue({ choices, completion = 'none' }: ValueSpec, prefix: string): Candidates {
  const fixed = (choices ?? []).map((choice) => ({ value: choice, summary: '' }));
  return { fixed, dynamic: completion, prefix };
}
