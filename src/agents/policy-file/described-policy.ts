import type { AgentFlag } from '../../core/agent-flag.ts';
import type { PolicyDefinition, PolicyPromises } from '../policy/define-policy.ts';
import { paramFlags } from '../policy/params.ts';

/** What is known of a policy without running it. */
export interface DescribedPolicy {
  readonly summary: string;
  readonly description: readonly string[];
  /** Of its own parameters. */
  readonly flags: readonly AgentFlag[];
  readonly promises: PolicyPromises;
}

/** What the program that describes a policy's file answers. */
export interface PolicyAnswer {
  readonly policy?: DescribedPolicy;
  readonly failure?: {
    readonly code: string;
    readonly message: string;
    readonly evidence: readonly string[];
    readonly hint?: string;
  };
}

export function describeDefinition(definition: PolicyDefinition): DescribedPolicy {
  const { summary, description = [], params, promises = {} } = definition;
  return { summary, description, flags: paramFlags(params), promises };
}
