import { resolve } from 'node:path';
import type { Verdict } from '../../core/verdict.ts';
import { isPolicyName } from '../policy/policy-path.ts';
import type { RunRequest } from '../request.ts';
import { runAgent } from '../run/run-agent.ts';
import { type GuestOptions, guestRequestOf } from './guest-options.ts';
import { type LibraryOptions, openLibrarySession, performInLibrary } from './library-session.ts';

export interface RunOptions extends GuestOptions, LibraryOptions {
  /** A name of `devbox agent list`, or a path: a policy in TypeScript, or any executable. */
  readonly agent: string;
  readonly agentArgs?: readonly string[];
  /** A shell command, or one of `devbox workload list` with its flags. Default: the demo. */
  readonly workload?: string | { readonly name: string; readonly args?: readonly string[] };
}

/** What a run came to. */
export interface RunOutcome {
  readonly verdict: Verdict;
  /** What agent and workload reported: figures, statistics. */
  readonly reports: readonly {
    readonly from: 'agent' | 'workload';
    readonly report: Readonly<Record<string, unknown>>;
  }[];
  /** The directory of the run's record. */
  readonly record: string;
}

const MAX_REPORTS = 10_000;

/** Boots a guest, runs a scheduler in it under load, and judges. Rejects with a `Failure` only when nothing was run. */
export async function run(options: RunOptions): Promise<RunOutcome> {
  const request = runRequestOf(options);
  const session = openLibrarySession('run', request, options);
  const { context } = session;
  const reports: RunOutcome['reports'][number][] = [];
  context.bus.subscribe((event) => {
    if (event.type === 'report' && reports.length < MAX_REPORTS) reports.push(event);
  });
  const verdict = await performInLibrary(session, request, runAgent);
  return { verdict, reports, record: context.runDir };
}

function runRequestOf(options: RunOptions): RunRequest {
  const { agent, agentArgs = [], workload } = options;
  const guest = guestRequestOf(options);
  return {
    ...guest,
    ...{ agentArgs, types: 'off' },
    agent:
      agent.includes('/') || isPolicyName(agent)
        ? { kind: 'path', path: resolve(guest.cwd, agent) }
        : { kind: 'named', name: agent },
    ...(workload !== undefined && {
      workload:
        typeof workload === 'string'
          ? { kind: 'shell', command: workload }
          : { kind: 'named', name: workload.name, args: workload.args ?? [] },
    }),
  };
}
