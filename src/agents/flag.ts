import { type AgentFlag, rangeText } from '../core/agent-flag.ts';
import { Failure } from '../core/failure.ts';
import { didYouMean } from '../core/nearest.ts';
import { parseDuration } from '../core/units.ts';

/** Durations in milliseconds, counts as they are, texts and choices as text. Every flag has a value: its default when it was not given. */
export interface FlagValues {
  ms(name: string): number;
  count(name: string): number;
  text(name: string): string;
}

function usage(message: string, hint: string): Failure {
  return new Failure({ kind: 'usage', code: 'bad-flag', message, hint });
}

/** Reads `--name value` and `--name=value`. Throws a usage Failure that names the flag, the value and the nearest valid one. */
export function parseFlags(agent: string, flags: readonly AgentFlag[], argv: readonly string[]): FlagValues {
  return parseFlagValues(`agent ${agent}`, flags, argv);
}

/** The same for anybody: `owner` is `workload spin`. */
export function parseFlagValues(
  owner: string,
  flags: readonly AgentFlag[],
  argv: readonly string[],
): FlagValues {
  const values = new Map(flags.map((flag) => [flag.name, readValue(flag, flag.defaultText)]));
  for (const [name, value] of readFlags(owner, flags, argv)) values.set(name, value);
  const get = <T>(name: string) => {
    if (!values.has(name)) throw new Error(`the ${owner} does not declare --${name}`);
    return values.get(name) as T;
  };
  return { ms: get<number>, count: get<number>, text: get<string> };
}

/** The flags that were given, checked. `owner` says whose they are: `agent fifo`, `workload spin`. */
export function readFlags(
  owner: string,
  flags: readonly AgentFlag[],
  argv: readonly string[],
): Map<string, number | string> {
  const given = new Map<string, number | string>();
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('--')) throw usage(`The ${owner} takes no argument "${word}".`, knownFlags(flags));
    const equals = word.indexOf('=');
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const flag = flags.find((candidate) => candidate.name === name);
    if (!flag) {
      const names = flags.map((candidate) => `--${candidate.name}`);
      const guess = didYouMean(`--${name}`, names);
      throw usage(`The ${owner} has no flag --${name}.${guess}`, knownFlags(flags));
    }
    const text = equals < 0 ? words.shift() : word.slice(equals + 1);
    if (text === undefined)
      throw usage(`--${name} needs a value: --${name} ${flag.placeholder}.`, whatItIs(flag));
    given.set(name, readValue(flag, text));
  }
  return given;
}

function knownFlags(flags: readonly AgentFlag[]): string {
  return flags.length === 0
    ? 'It takes no flags.'
    : `Its flags are ${flags.map((flag) => `--${flag.name} ${flag.placeholder}`).join(', ')}.`;
}

function whatItIs({ name, placeholder, summary }: AgentFlag): string {
  return `--${name} ${placeholder}: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}.`;
}

function readValue(flag: AgentFlag, text: string): number | string {
  switch (flag.kind) {
    case 'duration': {
      if (flag.infinite && text === 'infinite') return Number.POSITIVE_INFINITY;
      const ms = parseDuration(text);
      if (ms !== undefined && ms >= flag.minMs && ms <= flag.maxMs) return ms;
      throw usage(
        `--${flag.name} takes a time from ${rangeText(flag)}, such as ${flag.defaultText}, not "${text}".`,
        whatItIs(flag),
      );
    }
    case 'count': {
      const count = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (count >= flag.min && count <= flag.max) return count;
      throw usage(`--${flag.name} takes a number from ${rangeText(flag)}, not "${text}".`, whatItIs(flag));
    }
    case 'text':
      if (!text.includes('\0') && new TextEncoder().encode(text).length <= flag.maxBytes) return text;
      throw usage(
        `--${flag.name} takes at most ${flag.maxBytes} bytes, not "${text.slice(0, 80)}".`,
        'Give a shorter one.',
      );
    case 'choice':
      if (flag.choices.includes(text)) return text;
      throw usage(
        `--${flag.name} takes one of ${flag.choices.join(', ')}, not "${text}".${didYouMean(text, flag.choices)}`,
        whatItIs(flag),
      );
    default:
      return flag satisfies never;
  }
}
