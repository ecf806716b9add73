import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { COMMANDS, GLOBAL_FLAGS, TOP_FLAGS } from './commands.ts';
import type { ArgumentSpec, CommandSpec, FlagSpec, ParsedCommand, ValueSpec } from './table.ts';

/** Stands for devbox itself when no command is named. */
export const TOP: CommandSpec = { name: '', summary: '', flags: TOP_FLAGS, commands: COMMANDS };

/** A command line cut up by the table. Throws `Failure` usage naming the word that is wrong and the nearest right one. */
export function parseWords(words: readonly string[]): ParsedCommand {
  const state: State = { path: [], spec: TOP, flags: new Map(), args: [], rest: undefined };
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') {
      state.rest = queue.splice(0);
    } else if (word.startsWith('-') && word !== '-') {
      takeFlag(state, word, queue);
    } else {
      takeWord(state, word);
    }
  }
  // Help for half a command line is still help: what is missing or left over does not matter then.
  if (!state.flags.has('help') && !state.flags.has('version')) checkComplete(state);
  return state;
}

interface State {
  path: string[];
  spec: CommandSpec;
  flags: Map<string, string[]>;
  args: string[];
  rest: string[] | undefined;
}

export function flagsOf(spec: CommandSpec): readonly FlagSpec[] {
  return spec === TOP ? TOP_FLAGS : [...(spec.flags ?? []), ...GLOBAL_FLAGS];
}

function takeWord(state: State, word: string): void {
  const { commands } = state.spec;
  if (!commands) {
    state.args.push(word);
    return;
  }
  const spec = commands.find((command) => command.name === word);
  if (!spec) {
    const names = commands.filter((command) => !command.hidden).map((command) => command.name);
    const what =
      state.path.length > 0 ? `\`devbox ${state.path.join(' ')}\` has no subcommand` : 'Unknown command';
    throw usage('unknown-command', `${what} "${word}".${didYouMean(word, names)}`, helpHint(state.path));
  }
  state.path.push(word);
  state.spec = spec;
}

function takeFlag(state: State, word: string, queue: string[]): void {
  const known = flagsOf(state.spec);
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const typed = equals === -1 ? word : word.slice(0, equals);
  const attached = attachedValue(known, word);
  const flag =
    attached?.flag ??
    known.find((candidate) => typed === `--${candidate.name}` || typed === `-${candidate.short}`);
  if (!flag) {
    const names = known.map((candidate) => `--${candidate.name}`);
    const meant = didYouMean(typed, names);
    const isForAgent = meant === '' && state.spec.rest !== undefined && state.args.length > 0;
    const command = ['devbox', ...state.path, ...state.args].join(' ');
    const hint = isForAgent
      ? `${state.spec.rest?.summary} go after "--": ${command} -- ${word}`
      : helpHint(state.path);
    throw usage('unknown-flag', `Unknown flag "${typed}".${meant}`, hint);
  }
  const values = state.flags.get(flag.name);
  if (values && flag.repeatable !== true && flag.name !== 'help' && flag.name !== 'debug') {
    throw usage('repeated-flag', `--${flag.name} is given twice.`);
  }
  if (!flag.value) {
    if (equals !== -1) throw usage('unexpected-value', `--${flag.name} takes no value.`);
    state.flags.set(flag.name, []);
    return;
  }
  const value =
    attached?.value ?? (equals === -1 ? nextValue(flag, flag.value, queue) : word.slice(equals + 1));
  if (value === '')
    throw usage('missing-value', `--${flag.name} needs a value: --${flag.name} ${flag.value.label}.`);
  checkChoice(`--${flag.name}`, flag.value, value);
  state.flags.set(flag.name, [...(values ?? []), value]);
}

/** `-j4` is `-j 4`. */
function attachedValue(
  known: readonly FlagSpec[],
  word: string,
): { flag: FlagSpec; value: string } | undefined {
  if (word.startsWith('--') || word.length < 3) return undefined;
  const flag = known.find(({ short, value }) => value !== undefined && short === word[1]);
  return flag && { flag, value: word.slice(2) };
}

function nextValue(flag: FlagSpec, spec: ValueSpec, queue: string[]): string {
  const next = queue[0];
  if (next === undefined || (next.startsWith('-') && next !== '-')) {
    throw usage(
      'missing-value',
      `--${flag.name} needs a value: --${flag.name} ${spec.label}.`,
      next === undefined || next === '--'
        ? undefined
        : `A value that begins with a dash is written --${flag.name}=${next}.`,
    );
  }
  queue.shift();
  return next;
}

function checkChoice(what: string, spec: ValueSpec, value: string): void {
  if (!spec.choices || spec.choices.includes(value)) return;
  throw usage(
    'bad-value',
    `${what}: "${value}" is none of ${spec.choices.join(', ')}.${didYouMean(value, spec.choices)}`,
  );
}

function checkComplete({ path, spec, args, rest }: State): void {
  const command = ['devbox', ...path].join(' ');
  if (spec.commands && path.length > 0) {
    const names = spec.commands.map((sub) => sub.name).join(', ');
    throw usage('missing-command', `\`${command}\` needs a subcommand: ${names}.`, helpHint(path));
  }
  const specs = spec.args ?? [];
  specs.forEach((argument, index) => {
    checkArgument(command, argument, args.slice(index, argument.repeatable ? undefined : index + 1), path);
  });
  if (args.length > specs.length && !specs.at(-1)?.repeatable) {
    const extra = args[specs.length];
    const kept = [command, ...args.slice(0, specs.length)].join(' ');
    const moved = args.slice(specs.length).join(' ');
    const hint = spec.rest ? `${spec.rest.summary} go after "--": ${kept} -- ${moved}` : helpHint(path);
    throw usage('unexpected-argument', `Unexpected argument "${extra}" for \`${command}\`.`, hint);
  }
  if (rest !== undefined && !spec.rest) {
    throw usage('unexpected-argument', `\`${command}\` takes nothing after "--".`, helpHint(path));
  }
  if (spec.rest?.required && (rest ?? []).length === 0) {
    throw usage('missing-argument', `\`${command}\` needs ${spec.rest.label} after "--".`, helpHint(path));
  }
}

function checkArgument(
  command: string,
  argument: ArgumentSpec,
  values: readonly string[],
  path: readonly string[],
): void {
  if (argument.required && values.length === 0) {
    throw usage('missing-argument', `\`${command}\` needs ${argument.label}.`, helpHint(path));
  }
  for (const value of values) checkChoice(`\`${command}\``, argument, value);
}

function helpHint(path: readonly string[]): string {
  return `See \`${['devbox', 'help', ...path].join(' ')}\`.`;
}

export function usage(code: string, message: string, hint?: string): Failure {
  return new Failure({ kind: 'usage', code, message, ...(hint === undefined ? {} : { hint }) });
}
