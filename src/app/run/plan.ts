import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { findAgent } from '../../agents/catalog.ts';
import {
  EXECUTABLE_HEAD_BYTES,
  type ExecutableFacts,
  externalAgent,
  inspectExecutable,
} from '../../agents/external-agent.ts';
import { parseFlags } from '../../agents/flag.ts';
import type { AgentManifest } from '../../agents/manifest.ts';
import { planWorkloadArgv } from '../../agents/workloads.ts';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { pathInGuest, type ShareSpec } from '../../core/share-spec.ts';
import { shellWord } from '../../core/shell-word.ts';
import { nearPath, programsIn } from '../../platform/near-path.ts';
import { notShared } from '../policy/not-shared.ts';
import { planPolicy } from '../policy/plan-policy.ts';
import { isPolicyPath } from '../policy/policy-path.ts';
import type { RunRequest, WorkloadChoice } from '../request.ts';
import type { AgentPlan } from './agent-session.ts';

export interface WorkloadPlan {
  readonly name: string;
  readonly argv: readonly string[];
}

/**
 * What will be run as the agent. Throws `Failure` usage/* for one that cannot be: unknown, not executable, out of reach, a
 * policy that cannot be imported.
 */
export async function planAgent(
  request: Pick<RunRequest, 'agent' | 'agentArgs' | 'shares' | 'types'>,
  around: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<AgentPlan> {
  const { agent, agentArgs: args, shares, types } = request;
  const policy = agent.kind === 'path' && isPolicyPath(agent.path) ? { file: agent.path, shares } : undefined;
  const manifest = policy
    ? await planPolicy({
        ...{ file: policy.file, guestPath: (file) => pathInGuest(file, shares) },
        ...{ args, types, ...around },
      })
    : planProgram(request);
  return { name: manifest.name, argv: [...manifest.argv, ...args], manifest, ...(policy && { policy }) };
}

function planProgram({
  agent,
  agentArgs,
  shares,
}: Pick<RunRequest, 'agent' | 'agentArgs' | 'shares'>): AgentManifest {
  if (agent.kind === 'named') {
    const manifest = findAgent(agent.name);
    parseFlags(manifest.name, manifest.flags, agentArgs); // A wrong flag is told now, not after a boot.
    return manifest;
  }
  inspectExecutable(agent.path, factsOf(agent.path));
  return externalAgent(guestPathOf(agent.path, shares));
}

export function planWorkload(choice: WorkloadChoice | undefined): WorkloadPlan {
  if (choice === undefined) return { name: 'demo', argv: planWorkloadArgv('demo', []) };
  if (choice.kind === 'named') return { name: choice.name, argv: planWorkloadArgv(choice.name, choice.args) };
  return { name: 'the shell command', argv: ['/bin/sh', '-c', choice.command] };
}

/** Where the guest sees the agent: inside the innermost share that holds it. */
function guestPathOf(path: string, shares: readonly ShareSpec[]): string {
  const inGuest = pathInGuest(path, shares);
  if (inGuest !== undefined) return inGuest;
  throw notShared(`The agent ${path} is in no directory that the guest can see.`);
}

/** How many executables of a directory are named. */
const NAMED_PROGRAMS = 3;

function factsOf(path: string): ExecutableFacts {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return { kind: 'missing', near: nearPath(path) };
  if (stat.isDirectory()) return { kind: 'directory', programs: programsIn(path, NAMED_PROGRAMS) };
  if (!stat.isFile()) return { kind: 'other' };
  return { kind: 'file', mode: stat.mode & 0o777, head: readHead(path) };
}

function readHead(path: string): Uint8Array {
  const head = Buffer.alloc(EXECUTABLE_HEAD_BYTES);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new Failure({
      kind: 'usage',
      code: 'agent-unreadable',
      message: `The agent ${path} cannot be read: ${(cause as Error).message}.`,
      hint: `Run: chmod +r ${shellWord(path)}`,
      cause,
    });
  }
  try {
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}
