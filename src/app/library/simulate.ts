import { SIM_WORKLOADS, type SimWorkloadDefinition } from '../../agents/simulator/sim-workloads.ts';
import type { SimulationResult } from '../../agents/simulator/simulate.ts';
import { policyChoice } from '../policy/agent-choice.ts';
import type { TypeCheck } from '../policy/inspect-policy.ts';
import { runSimulation } from '../simulate/run-simulation.ts';
import type { SimulationRequest } from '../simulate/simulation-request.ts';
import { directoryOf, type Place } from './guest-options.ts';

/** What is simulated; times as `--duration` takes them. */
export interface SimulationOptions extends Partial<Omit<SimulationRequest, 'policy'>>, Place {
  /** A name of `devbox agent list` of what is written in TypeScript, or a policy's file. */
  readonly policy: string;
  /** Mistakes that tsc finds in the file: `warn` tells of them, `error` refuses them, `off` does not look. Default: `off`. */
  readonly types?: TypeCheck;
  /** Given what does not stop the simulation. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { policy, types = 'off', onWarning = () => {}, signal, cwd, ...asked } = options;
  return runSimulation(
    {
      ...{ args: [], smp: '4', workload: 'demo', seed: 1, duration: '1s' },
      ...asked,
      policy: policyChoice(policy, directoryOf(cwd)),
    },
    { types, warn: onWarning, signal: signal ?? new AbortController().signal },
  );
}

export async function listSimulatorWorkloads(): Promise<readonly SimWorkloadDefinition[]> {
  return SIM_WORKLOADS;
}
