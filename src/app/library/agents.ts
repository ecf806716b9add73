import { RELAY_FLAGS } from '../../agents/agent-flags.ts';
import { findAgent, listAgents as listCatalog } from '../../agents/catalog.ts';
import type { AgentManifest } from '../../agents/manifest.ts';
import { findPolicy, POLICIES } from '../../agents/policies/policies.ts';
import { paramFlags } from '../../agents/policy/params.ts';
import { ownFlags, policyManifest } from '../../agents/policy-manifest.ts';
import { listWorkloads as listCatalogOfWorkloads, type Workload } from '../../agents/workloads.ts';
import type { AgentFlag } from '../../core/agent-flag.ts';
import { Failure } from '../../core/failure.ts';
import { watchFiles } from '../../platform/watch-files.ts';
import { type NewPolicy, newPolicy as writePolicy } from '../new-policy/new-policy.ts';
import { agentChoice, policyChoice } from '../policy/agent-choice.ts';
import { describePolicy } from '../policy/describe-policy.ts';
import { importedFiles } from '../policy/imported-files.ts';
import { isPolicyPath } from '../policy/policy-path.ts';
import { directoryOf, type Place } from './guest-options.ts';

export interface AgentOptions extends Place {
  /** Stops the process that imports a policy's file. */
  readonly signal?: AbortSignal;
}

export interface AgentDescription extends AgentManifest {
  /** Those of its flags that not every policy has. */
  readonly ownFlags: readonly AgentFlag[];
}

export async function listAgents(): Promise<readonly AgentManifest[]> {
  return listCatalog();
}

/** The names that a simulation takes. */
export async function listPolicies(): Promise<
  readonly { readonly name: string; readonly summary: string }[]
> {
  return Object.entries(POLICIES).map(([name, { summary }]) => ({ name, summary }));
}

export async function listWorkloads(): Promise<readonly Workload[]> {
  return listCatalogOfWorkloads();
}

export async function describeAgent(
  word: string,
  { cwd, signal }: AgentOptions = {},
): Promise<AgentDescription> {
  const choice = policyChoice(word, directoryOf(cwd));
  const agent =
    choice.kind === 'named'
      ? findAgent(choice.name)
      : policyManifest(choice.path, await describePolicy(choice.path, { ...(signal && { signal }) }));
  return { ...agent, ownFlags: ownFlags(agent) };
}

/** Undefined for a program, which may take anything. */
export async function flagsOfAgent(
  word: string,
  { cwd, signal, isSimulated = false }: AgentOptions & { readonly isSimulated?: boolean } = {},
): Promise<readonly AgentFlag[] | undefined> {
  const choice = agentChoice(word, directoryOf(cwd));
  if (choice.kind === 'named')
    return isSimulated ? paramFlags(findPolicy(choice.name).params) : findAgent(choice.name).flags;
  if (!isPolicyPath(choice.path)) return undefined;
  const { flags } = await describePolicy(choice.path, { ...(signal && { signal }) });
  return isSimulated ? flags : [...flags, ...RELAY_FLAGS];
}

export async function newPolicy(name: string, dir: string): Promise<NewPolicy> {
  return writePolicy(name, dir);
}

export interface AgentWatch extends Disposable {
  /** Absolute. */
  readonly file: string;
  /** How many files it imports, as it is now. */
  imports(): number;
}

export async function watchAgent(
  word: string,
  { cwd, onSave }: Place & { readonly onSave: () => void },
): Promise<AgentWatch> {
  const choice = agentChoice(word, directoryOf(cwd));
  if (choice.kind === 'named') {
    throw new Failure({
      kind: 'usage',
      code: 'nothing-to-watch',
      message: `--watch watches a file, and ${choice.name} is a name.`,
      hint: 'Give the path of a policy or an executable: devbox run --watch ./my-policy.ts',
    });
  }
  const { path } = choice;
  const watch = watchFiles({ files: () => importedFiles(path), onSave });
  return {
    file: path,
    imports: () => importedFiles(path).length - 1,
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}
