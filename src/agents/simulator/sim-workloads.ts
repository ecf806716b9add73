import type { AgentFlag } from '../../core/agent-flag.ts';
import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { parseFlagValues } from '../flag.ts';
import type { SimWorkload } from './workload.ts';
import { churn } from './workloads/churn.ts';
import { demo } from './workloads/demo.ts';
import { forkstorm } from './workloads/forkstorm.ts';
import { many } from './workloads/many.ts';
import { periodic } from './workloads/periodic.ts';
import { pingpong } from './workloads/pingpong.ts';
import { requests } from './workloads/requests.ts';
import type { SimWorkloadSource } from './workloads/source.ts';
import { spin } from './workloads/spin.ts';

/** A load for simulated CPUs. */
export interface SimWorkloadDefinition {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly flags: readonly AgentFlag[];
  /** Throws a usage Failure for a flag that does not exist, or a value out of range. */
  make(argv: readonly string[]): SimWorkload;
}

const SOURCES: readonly SimWorkloadSource[] = [
  demo,
  spin,
  pingpong,
  requests,
  forkstorm,
  periodic,
  churn,
  many,
];

export const SIM_WORKLOADS: readonly SimWorkloadDefinition[] = SOURCES.map(({ create, ...shown }) => ({
  ...shown,
  make: (argv) => create(parseFlagValues(`workload ${shown.name}`, shown.flags, argv)),
}));

/** Throws a usage Failure that names the nearest one. */
export function findSimWorkload(name: string): SimWorkloadDefinition {
  const found = SIM_WORKLOADS.find((workload) => workload.name === name);
  if (found) return found;
  const names = SIM_WORKLOADS.map((workload) => workload.name);
  throw new Failure({
    kind: 'usage',
    code: 'no-such-workload',
    message: `There is no simulated workload "${name}".${didYouMean(name, names)}`,
    hint: `There are ${names.join(', ')}.`,
  });
}
