import type { AgentFlag } from '../core/agent-flag.ts';
import type { KernelFeature } from '../core/kernel.ts';
import type { PolicyPromises } from './policy/define-policy.ts';

/** What the host knows about an agent: enough to check the guest, start the agent, see that it is ready and stop it. */
export interface AgentManifest {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Paragraphs: what it does, and when it does badly. */
  readonly description: readonly string[];
  readonly kind: 'sched_ext';
  /** In the order in which a missing one should be named. */
  readonly requires: readonly KernelFeature[];
  /** What /sys/kernel/sched_ext/root/ops reads when it runs. Undefined: any scheduler will do (an agent given by path). */
  readonly schedulerName?: string;
  /** Command line in the guest; the user's agent arguments follow. */
  readonly argv: readonly string[];
  readonly flags: readonly AgentFlag[];
  /** What tests may hold it to. */
  readonly promises: PolicyPromises;
  /** Milliseconds within which it is ready on an idle machine with KVM; the caller scales it for emulation. */
  readonly readyTimeoutMs: number;
  readonly stopSignal: 'SIGINT';
  /** A scheduler for tests: `devbox agent list` leaves it out. */
  readonly hidden: boolean;
}

/** Where the payload lies in the guest. */
export const GUEST_AGENT_MAIN = '/opt/devbox/agents/runtime/main.js';
export const GUEST_NODE = '/usr/local/bin/node';
