import type { ParamSpecs, ParamValues } from './params.ts';
import type { Policy, PolicyContext } from './policy.ts';

/** What a policy is for its user, and how it is made: the default export of a policy's file. */
export interface PolicyDefinition<Specs extends ParamSpecs = ParamSpecs> {
  /** One line. */
  readonly summary: string;
  /** Paragraphs: what it does, and what it is bad at. */
  readonly description?: readonly string[];
  /** Become flags: `minGranularity` is `--min-granularity`. */
  readonly params?: Specs;
  /** What tests may hold it to, with the defaults of its parameters. */
  readonly promises?: PolicyPromises;
  /** Called once before anything is scheduled. */
  create(context: PolicyContext<ParamValues<Specs>>): Policy;
}

export interface PolicyPromises {
  /** No CPU is idle while a task waits that may run there. */
  readonly workConserving?: boolean;
  /** Every runnable task runs within a bounded time, whatever the others do. */
  readonly noStarvation?: boolean;
  /** Tasks that compete for one CPU share it in proportion to their weights, which nice values set. */
  readonly weights?: boolean;
}

/** Gives the definition back; makes its types known to the editor and to tsc. */
export function definePolicy<const Specs extends ParamSpecs>(
  definition: PolicyDefinition<Specs>,
): PolicyDefinition<Specs> {
  return definition;
}
