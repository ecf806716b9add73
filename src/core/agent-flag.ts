import { exactDuration } from './units.ts';

/** One `--name VALUE` of an agent or a workload: how it is read, and what help says about it. */
export type AgentFlag = {
  readonly name: string;
  /** What stands for the value in help: `DURATION`. */
  readonly placeholder: string;
  readonly summary: string;
  /** As it would be typed; for a workload, which has its own defaults, as people say it. */
  readonly defaultText: string;
} /** With `infinite`, the word `infinite` is a time, too. */ & (
  | { readonly kind: 'duration'; readonly minMs: number; readonly maxMs: number; readonly infinite?: boolean }
  | { readonly kind: 'count'; readonly min: number; readonly max: number }
  /** Bytes of UTF-8, without NUL. */
  | { readonly kind: 'text'; readonly maxBytes: number }
  /** One of some words. */
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
);

/** What a value may be: `10us to 10s`; undefined when its placeholder says it all. */
export function rangeText(flag: AgentFlag): string | undefined {
  if (flag.kind === 'duration')
    return `${exactDuration(flag.minMs)} to ${exactDuration(flag.maxMs)}${flag.infinite ? ', or infinite' : ''}`;
  return flag.kind === 'count' ? `${flag.min} to ${flag.max}` : undefined;
}
