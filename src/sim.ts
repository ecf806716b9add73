/** What `import … from 'devbox/sim'` gives: the simulator, for tests of policies. */
export type { PolicyError } from './agents/runtime/policy-error.ts';
export { type SimScript, type SimStep, scriptedWorkload } from './agents/simulator/scripted-workload.ts';
export type { SimulationResult } from './agents/simulator/simulate.ts';
export { type SimulateOptions, simulatePolicy as simulate } from './agents/simulator/simulate-policy.ts';
export type { SimControl, SimWorkload, SpawnOptions } from './agents/simulator/workload.ts';
