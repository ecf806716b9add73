import { basename, extname } from 'node:path';
import type { AgentFlag } from '../core/agent-flag.ts';
import { RELAY_FLAGS } from './agent-flags.ts';
import { type AgentManifest, GUEST_AGENT_MAIN, GUEST_NODE } from './manifest.ts';
import type { DescribedPolicy } from './policy-file/described-policy.ts';

/** The longest name that sched_ext takes has 127 characters; a version may be appended. */
const MAX_NAME = 60;

/** The name of the scheduler in the kernel for a policy's name, or for the path of its file: `devbox_my_policy`. */
export function schedulerName(policy: string): string {
  return `devbox_${policyName(policy).replace(/[^a-zA-Z0-9]/g, '_')}`.slice(0, MAX_NAME);
}

/** `/a/my-policy.ts` → `my-policy`; a name is its own. */
export function policyName(policy: string): string {
  return policy.includes('/') ? basename(policy, extname(policy)) : policy;
}

/** How a policy written in TypeScript runs as an agent. `policy`: its name, or the path of its file in the guest. */
export function policyManifest(policy: string, described: DescribedPolicy): AgentManifest {
  return {
    name: policyName(policy),
    summary: described.summary,
    description: described.description,
    kind: 'sched_ext',
    requires: ['sched-ext', 'btf'],
    schedulerName: schedulerName(policy),
    argv: [GUEST_NODE, GUEST_AGENT_MAIN, policy],
    flags: [...described.flags, ...RELAY_FLAGS],
    promises: described.promises,
    readyTimeoutMs: 15_000,
    stopSignal: 'SIGINT',
    hidden: policy.includes('/'),
  };
}

/** The flags of an agent, without those that every policy written in TypeScript has. */
export function ownFlags({ flags }: Pick<AgentManifest, 'flags'>): readonly AgentFlag[] {
  if (!RELAY_FLAGS.every((flag) => flags.includes(flag))) return flags;
  return flags.filter((flag) => !RELAY_FLAGS.includes(flag));
}
