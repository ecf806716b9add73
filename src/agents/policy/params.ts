import type { AgentFlag } from '../../core/agent-flag.ts';
import { parseDuration } from '../../core/units.ts';
import { readFlags } from '../flag.ts';

/** One parameter of a policy: a flag without its name, and the type of its value. Made by `duration`, `count` and `choice`. */
export interface ParamSpec<Value = unknown> {
  readonly flag: NamelessFlag;
  /** From what the flag's parser gives. */
  readonly read: (parsed: number | string) => Value;
}

type NamelessFlag<Flag = AgentFlag> = Flag extends AgentFlag ? Omit<Flag, 'name'> : never;

export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

export type ParamValues<Specs extends ParamSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends ParamSpec<infer Value> ? Value : never;
};

const NS_PER_MS = 1e6;

function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new TypeError(`"${text}" is not a duration such as 5ms`);
  return ms;
}

export interface DurationOptions {
  readonly default: string;
  readonly min?: string;
  readonly max?: string;
  /** Whether it may be `infinite`: Infinity. */
  readonly infinite?: boolean;
}

/** A time, typed as `10ms` or `50us`; its value is in nanoseconds. Default limits: 1 µs to 10 s. */
export function duration(
  summary: string,
  { default: defaultText, min = '1us', max = '10s', infinite = false }: DurationOptions,
): ParamSpec<number> {
  const limits = { minMs: milliseconds(min), maxMs: milliseconds(max), infinite };
  return {
    flag: { kind: 'duration', placeholder: 'DURATION', summary, defaultText, ...limits },
    read: (ms) => Math.round(Number(ms) * NS_PER_MS),
  };
}

/** A whole number. Default limits: 0 to a billion. */
export function count(
  summary: string,
  { default: value, min = 0, max = 1e9 }: { default: number; min?: number; max?: number },
): ParamSpec<number> {
  return {
    flag: { kind: 'count', placeholder: 'N', summary, defaultText: String(value), min, max },
    read: Number,
  };
}

/** One of several words; its value is the word. */
export function choice<const Choices extends readonly string[]>(
  summary: string,
  { of, default: value }: { of: Choices; default: Choices[number] },
): ParamSpec<Choices[number]> {
  return {
    flag: { kind: 'choice', placeholder: of.join('|'), summary, defaultText: value, choices: of },
    read: (word) => String(word) as Choices[number],
  };
}

/** The parameters as flags: `minGranularity` is `--min-granularity`. */
export function paramFlags(specs: ParamSpecs = {}): readonly AgentFlag[] {
  return Object.entries(specs).map(([name, { flag }]) => ({ ...flag, name: flagName(name) }));
}

/** The values of all parameters: what `argv` says, else their defaults. Throws a usage Failure for a wrong flag or value. */
export function readParams(
  owner: string,
  specs: ParamSpecs,
  argv: readonly string[],
): Readonly<Record<string, unknown>> {
  const flags = paramFlags(specs);
  const defaults = flags.flatMap(({ name, defaultText }) => [`--${name}`, defaultText]);
  const given = readFlags(owner, flags, [...defaults, ...argv]);
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      spec.read(given.get(flagName(name)) as number | string),
    ]),
  );
}

function flagName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
