import { inSchedulingClass } from '../../agents/workloads.ts';
import { Failure } from '../../core/failure.ts';
import type { Evidence } from '../../core/judge.ts';
import { runStage } from '../../core/run-stage.ts';
import { guestEnvironment } from '../guest/guest-environment.ts';
import { inGuest, type Testimony } from '../guest/in-guest.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';
import { type CommandResult, runCommand } from '../guest/run-command.ts';
import type { Guest } from '../guest/start-guest.ts';
import type { RunRequest } from '../request.ts';
import type { SessionContext, UseCase } from '../use-case.ts';
import {
  type AgentPlan,
  type AgentSession,
  checkFeatures,
  isOurProgram,
  startAgent,
} from './agent-session.ts';
import { planAgent, planWorkload, type WorkloadPlan } from './plan.ts';
import { hasChosenTasksOnly, readSchedExtEvents, untilSchedulerUnloaded } from './sched-ext-state.ts';

/** Nobody waits for ever for a workload that never ends. */
const DEFAULT_TIMEOUT_MS = 120_000;
const UNLOAD_MS = 3000;

/** `devbox run`: boot, share, agent, workload, stop, read the state back, one verdict. */
export const runAgent: UseCase<RunRequest> = async (request, context) => {
  const agent = await planAgent(request, { emit: context.bus.emit, signal: context.signal });
  const workload = planWorkload(request.workload);
  const { requires } = agent.manifest;
  const options = { requires, isForAgent: isOurProgram(agent), defaultTimeoutMs: DEFAULT_TIMEOUT_MS };
  return inGuest({ request, context, ...options }, (guest, testify) =>
    conduct({ request, context, guest, agent, workload }, testify),
  );
};

interface Conduct {
  readonly request: RunRequest;
  readonly context: SessionContext;
  readonly guest: Guest;
  readonly agent: AgentPlan;
  readonly workload: WorkloadPlan;
}

async function conduct(run: Conduct, testify: (testimony: Testimony) => void): Promise<void> {
  const { bus, runDir } = run.context;
  const { guest, agent, request } = run;
  const around = { emit: bus.emit, signal: guest.cause.signal };

  const session = await runStage({
    ...{ ...around, stage: 'agent', title: `Start ${agent.name}` },
    work: async () => {
      await checkFeatures(guest, agent);
      const { workingDirectory } = request;
      const started = await startAgent({ guest, plan: agent, bus, workingDirectory, runDir, testify });
      return { value: started, detail: `scheduler ${started.scheduler}` };
    },
  });

  const workload = await runStage({
    ...{ ...around, stage: 'workload', title: `Run ${run.workload.name}` },
    work: async () => {
      const value = await runUnderAgent(run, session);
      return { value, ...(value === undefined ? { outcome: 'failed' as const } : {}) };
    },
  });
  if (workload !== undefined) testify(() => ({ workload }));

  await runStage({
    ...{ ...around, stage: 'stop', title: `Stop ${agent.name}` },
    work: async () => {
      await reportKernelEvents(run);
      await session.stop();
      const { signal } = guest.cause;
      const leftLoaded = await untilSchedulerUnloaded(guest.vm.channel, signal, guest.scale(UNLOAD_MS));
      if (leftLoaded !== undefined) testify((): Partial<Evidence> => ({ leftLoaded }));
      return { value: undefined };
    },
  });
}

/** What the kernel counted while the scheduler was in charge: fall-backs, bypasses, refusals. */
async function reportKernelEvents({ guest, context }: Conduct): Promise<void> {
  const counts = await readSchedExtEvents(guest.vm.channel, guest.cause.signal);
  if (counts === undefined) return;
  context.bus.emit({ type: 'report', from: 'agent', report: { type: 'sched-ext-events', counts } });
}

/** A workload under a scheduler that is gone proves nothing more: it ends with its agent, and has no result then. */
async function runUnderAgent(run: Conduct, session: AgentSession): Promise<CommandResult | undefined> {
  const { guest, workload, context, request } = run;
  const stop = new AbortController();
  const chosenOnly = await hasChosenTasksOnly(guest.vm.channel, guest.cause.signal);
  const argv = chosenOnly ? inSchedulingClass(workload.argv) : workload.argv;
  const running = runCommand({
    ...{ guest, bus: context.bus, name: workload.name },
    exec: { argv, cwd: request.workingDirectory, env: guestEnvironment(), report: true },
    signal: AbortSignal.any([guest.cause.signal, stop.signal]),
  });
  running.catch(() => {});
  const gone = session.done.then(() => undefined);
  const result = await Promise.race([running, gone, rejectOnAbort(guest.cause.signal)]);
  if (result === undefined)
    stop.abort(new Failure({ kind: 'agent', code: 'agent-gone', message: 'The agent ended.' }));
  return result;
}
