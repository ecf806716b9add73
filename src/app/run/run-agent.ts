import { Failure } from '../../core/failure.ts';
import type { Evidence } from '../../core/judge.ts';
import { guestEnvironment } from '../guest/guest-environment.ts';
import { inGuest, type Testimony } from '../guest/in-guest.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';
import { type CommandResult, runCommand } from '../guest/run-command.ts';
import { stage } from '../guest/stage.ts';
import type { Guest } from '../guest/start-guest.ts';
import type { RunRequest } from '../request.ts';
import type { SessionContext, UseCase } from '../use-case.ts';
import { type AgentPlan, type AgentSession, checkFeatures, startAgent } from './agent-session.ts';
import { planAgent, planWorkload, type WorkloadPlan } from './plan.ts';
import { readSchedExtEvents, untilSchedulerUnloaded } from './sched-ext-state.ts';

/** Nobody waits for ever for a workload that never ends. */
const DEFAULT_TIMEOUT_MS = 120_000;
const UNLOAD_MS = 3000;

/** `devbox run`: boot, share, agent, workload, stop, read the state back, one verdict. */
export const runAgent: UseCase<RunRequest> = async (request, context) => {
  const agent = planAgent(request);
  const workload = planWorkload(request.workload);
  const { requires } = agent.manifest;
  return inGuest({ request, context, requires, defaultTimeoutMs: DEFAULT_TIMEOUT_MS }, (guest, testify) =>
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
  const clock = { emit: bus.emit, now: bus.now };

  const session = await stage({ ...clock, stage: 'agent', title: `Start ${agent.name}` }, async () => {
    await checkFeatures(guest, agent);
    const { workingDirectory } = request;
    const started = await startAgent({ guest, plan: agent, bus, workingDirectory, runDir, testify });
    return { value: started, detail: `scheduler ${started.scheduler}` };
  });

  const workload = await stage(
    { ...clock, stage: 'workload', title: `Run ${run.workload.name}` },
    async () => {
      const result = await runUnderAgent(run, session);
      return { value: result, ...(result === undefined ? { outcome: 'failed' as const } : {}) };
    },
  );
  if (workload !== undefined) testify(() => ({ workload }));

  await stage({ ...clock, stage: 'stop', title: `Stop ${agent.name}` }, async () => {
    const { channel } = guest.vm;
    const counts = await readSchedExtEvents(channel, guest.cause.signal);
    if (counts !== undefined)
      bus.emit({ type: 'report', from: 'agent', report: { type: 'sched-ext-events', counts } });
    await session.stop();
    const leftLoaded = await untilSchedulerUnloaded(channel, guest.cause.signal, guest.scale(UNLOAD_MS));
    if (leftLoaded !== undefined) testify((): Partial<Evidence> => ({ leftLoaded }));
    return { value: undefined };
  });
}

/** A workload under a scheduler that is gone proves nothing more: it ends with its agent, and has no result then. */
async function runUnderAgent(run: Conduct, session: AgentSession): Promise<CommandResult | undefined> {
  const { guest, workload, context, request } = run;
  const stop = new AbortController();
  const running = runCommand({
    ...{ guest, bus: context.bus, name: workload.name },
    exec: { argv: workload.argv, cwd: request.workingDirectory, env: guestEnvironment(), report: true },
    signal: AbortSignal.any([guest.cause.signal, stop.signal]),
  });
  running.catch(() => {});
  const gone = session.done.then(() => undefined);
  const result = await Promise.race([running, gone, rejectOnAbort(guest.cause.signal)]);
  if (result === undefined)
    stop.abort(new Failure({ kind: 'agent', code: 'agent-gone', message: 'The agent ended.' }));
  return result;
}
