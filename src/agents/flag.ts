import { Failure } from '../core/failure.ts';
import { didYouMean } from '../core/nearest.ts';
import { parseDuration } from '../core/units.ts';

/** One `--name VALUE` of an agent: how it is read in the guest, and what `devbox agent show` says about it. */
export type AgentFlag = {
  readonly name: string;
  /** What stands for the value in help: `DURATION`. */
  readonly placeholder: string;
  readonly summary: string;
  /** As it would be typed. */
  readonly defaultText: string;
} & (
  | { readonly kind: 'duration'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'count'; readonly min: number; readonly max: number }
  /** Bytes of UTF-8, without NUL. */
  | { readonly kind: 'text'; readonly maxBytes: number }
);

/** Durations in milliseconds, counts as they are, texts. Every flag has a value: its default when it was not given. */
export interface FlagValues {
  ms(name: string): number;
  count(name: string): number;
  text(name: string): string;
}

function usage(message: string, hint?: string): Failure {
  return new Failure({ kind: 'usage', code: 'bad-agent-flag', message, ...(hint && { hint }) });
}

/** Reads `--name value` and `--name=value`. Throws a usage Failure that names the flag, the value and the nearest valid one. */
export function parseFlags(agent: string, flags: readonly AgentFlag[], argv: readonly string[]): FlagValues {
  const values = new Map(flags.map((flag) => [flag.name, readValue(flag, flag.defaultText)]));
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('--'))
      throw usage(`The agent ${agent} takes no argument "${word}".`, knownFlags(flags));
    const equals = word.indexOf('=');
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const flag = flags.find((candidate) => candidate.name === name);
    if (!flag) {
      const names = flags.map((candidate) => `--${candidate.name}`);
      throw usage(
        `The agent ${agent} has no flag --${name}.${didYouMean(`--${name}`, names)}`,
        knownFlags(flags),
      );
    }
    const text = equals < 0 ? words.shift() : word.slice(equals + 1);
    if (text === undefined) throw usage(`--${name} needs a value: --${name} ${flag.placeholder}.`);
    values.set(name, readValue(flag, text));
  }
  const get = <T>(name: string) => {
    if (!values.has(name)) throw new Error(`the agent ${agent} does not declare --${name}`);
    return values.get(name) as T;
  };
  return { ms: get<number>, count: get<number>, text: get<string> };
}

function knownFlags(flags: readonly AgentFlag[]): string {
  return flags.length === 0
    ? 'It takes no flags.'
    : `Its flags are ${flags.map((flag) => `--${flag.name} ${flag.placeholder}`).join(', ')}.`;
}

function readValue(flag: AgentFlag, text: string): number | string {
  switch (flag.kind) {
    case 'duration': {
      const ms = parseDuration(text);
      if (ms !== undefined && ms >= flag.minMs && ms <= flag.maxMs) return ms;
      throw usage(
        `--${flag.name} takes a time from ${flag.minMs} ms to ${flag.maxMs} ms, such as ${flag.defaultText}, not "${text}".`,
      );
    }
    case 'count': {
      const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (count >= flag.min && count <= flag.max) return count;
      throw usage(`--${flag.name} takes a number from ${flag.min} to ${flag.max}, not "${text}".`);
    }
    case 'text':
      if (!text.includes('\0') && new TextEncoder().encode(text).length <= flag.maxBytes) return text;
      throw usage(`--${flag.name} takes at most ${flag.maxBytes} bytes, not "${text.slice(0, 80)}".`);
    default:
      return flag satisfies never;
  }
}
