import { agentChoice } from '../policy/agent-choice.ts';
import type { TypeCheck } from '../policy/inspect-policy.ts';
import type { RunRequest } from '../request.ts';
import { runAgent } from '../run/run-agent.ts';
import { type GuestOptions, guestRequestOf } from './guest-options.ts';
import { type Outcome, perform, type RunContext } from './perform.ts';

export interface RunOptions extends GuestOptions, RunContext {
  /** A name of `devbox agent list`, or a path: a policy in TypeScript, or any executable. */
  readonly agent: string;
  readonly agentArgs?: readonly string[];
  /** Mistakes that tsc finds in a policy's file: `warn` tells of them, `error` refuses them, `off` does not look. Default: `off`. */
  readonly types?: TypeCheck;
  /** A shell command, or one of `devbox workload list` with its flags. Default: the demo. */
  readonly workload?: string | { readonly name: string; readonly args?: readonly string[] };
}

/** What a run came to. */
export interface RunOutcome extends Outcome {
  /** What agent and workload reported: figures, statistics. */
  readonly reports: readonly {
    readonly from: 'agent' | 'workload';
    readonly report: Readonly<Record<string, unknown>>;
  }[];
}

const MAX_REPORTS = 10_000;

export async function run(options: RunOptions): Promise<RunOutcome> {
  const request = runRequestOf(options);
  const reports: RunOutcome['reports'][number][] = [];
  const outcome = await perform(
    { useCase: 'run', request, cwd: request.cwd },
    (asked, context) => {
      context.bus.subscribe((event) => {
        if (event.type === 'report' && reports.length < MAX_REPORTS) reports.push(event);
      });
      return runAgent(asked, context);
    },
    options,
  );
  return { ...outcome, reports };
}

/** Throws `Failure` usage for what cannot be. */
export function runRequestOf(options: RunOptions): RunRequest {
  const { agent, agentArgs = [], types = 'off', workload } = options;
  const guest = guestRequestOf(options);
  return {
    ...guest,
    ...{ agentArgs, types, agent: agentChoice(agent, guest.cwd) },
    ...(workload !== undefined && {
      workload:
        typeof workload === 'string'
          ? { kind: 'shell', command: workload }
          : { kind: 'named', name: workload.name, args: workload.args ?? [] },
    }),
  };
}
