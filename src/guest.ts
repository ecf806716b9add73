/** What `import … from 'devbox/guest'` gives to a test that runs in a guest. */

export { allowedCpus, lastCpu, onlineCpus, pin, setCpuOnline } from './agents/guest-library/affinity.ts';
export {
  agentPromises,
  agentUnderTest,
  type StartedAgent,
  startAgent,
  untilNoScheduler,
} from './agents/guest-library/agent.ts';
export {
  assertFairness,
  assertLatencyUnder,
  assertNoStarvation,
  cpuTime,
  TimingError,
} from './agents/guest-library/assertions.ts';
export { type Load, type LoadOptions, runWorkload, spawnLoad } from './agents/guest-library/load.ts';
export { readSchedState, type SchedState } from './agents/guest-library/sched-state.ts';
