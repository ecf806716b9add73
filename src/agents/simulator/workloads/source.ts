import type { AgentFlag } from '../../../core/agent-flag.ts';
import type { FlagValues } from '../../flag.ts';
import type { SimWorkload } from '../workload.ts';

export interface SimWorkloadSource {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly AgentFlag[];
  create(values: FlagValues): SimWorkload;
}

export const NS_PER_MS = 1e6;

/** A number from 0. */
export function countFlag(name: string, summary: string, defaultCount: number, max = 1_000_000): AgentFlag {
  const about = { name, summary, placeholder: 'N', defaultText: String(defaultCount) };
  return { ...about, kind: 'count', min: 0, max };
}

export function timeFlag(name: string, summary: string, defaultText: string): AgentFlag {
  const about = { name, summary, placeholder: 'DURATION', defaultText };
  return { ...about, kind: 'duration', minMs: 0.001, maxMs: 3_600_000 };
}
