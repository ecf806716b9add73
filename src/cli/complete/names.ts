import { runsDir } from '../../platform/paths.ts';
import { runIds } from '../../platform/record/latest-link.ts';
import { COMMANDS } from '../parse/commands.ts';
import type { Completion } from '../parse/table.ts';
import type { Candidate } from './candidates.ts';

/** What the shell itself has to add. */
type FileKind = 'none' | 'file' | 'directory';

export interface Names {
  readonly names: readonly Candidate[];
  readonly files: FileKind;
}

/** Names that only this machine knows. Loads just what the kind needs: somebody waits for it with a finger on Tab. */
export async function namesFor(kind: Completion, cwd: string): Promise<Names> {
  switch (kind) {
    case 'none':
    case 'agent-flag': // Its agent has to be known, too: see agent-flags.ts.
      return { names: [], files: 'none' };
    case 'file':
    case 'directory':
      return { names: [], files: kind };
    case 'agent':
    case 'agent-or-path': {
      const { listAgents } = await import('../../agents/catalog.ts');
      return { names: listAgents().map(asCandidate), files: kind === 'agent' ? 'none' : 'file' };
    }
    case 'policy-or-path': {
      const { POLICIES } = await import('../../agents/policies/policies.ts');
      const names = Object.entries(POLICIES).map(([value, { summary }]) => ({ value, summary }));
      return { names, files: 'file' };
    }
    case 'sim-workload': {
      const { SIM_WORKLOADS } = await import('../../agents/simulator/sim-workloads.ts');
      return { names: SIM_WORKLOADS.map(asCandidate), files: 'none' };
    }
    case 'workload': {
      const { listWorkloads } = await import('../../agents/workloads.ts');
      return { names: listWorkloads().map(asCandidate), files: 'none' };
    }
    case 'kernel': {
      const { listKernels } = await import('../../app/kernel/list-kernels.ts');
      return { names: (await listKernels({ cwd, stored: true })).map(asCandidate), files: 'file' };
    }
    case 'kernel-name': {
      const { listKernels } = await import('../../app/kernel/list-kernels.ts');
      return { names: (await listKernels({ cwd, stored: false })).map(asCandidate), files: 'none' };
    }
    case 'fragment': {
      const { listFragments } = await import('../../build/kernel-definitions/fragments.ts');
      return { names: listFragments().map((value) => ({ value, summary: '' })), files: 'file' };
    }
    case 'run': {
      const ids = runIds(runsDir(cwd));
      const latest = ids.length > 0 ? [{ value: 'latest', summary: 'the newest one' }] : [];
      return { names: [...latest, ...ids.map((id) => ({ value: id, summary: '' }))], files: 'none' };
    }
    case 'guest': {
      const { listGuests } = await import('../../app/list-guests.ts');
      const names = listGuests().map(({ runId, command }) => ({ value: runId, summary: command }));
      return { names, files: 'none' };
    }
    case 'suite-or-file': {
      const { listSuites } = await import('../../app/test/suite.ts');
      return { names: (await listSuites(cwd)).map(asCandidate), files: 'file' };
    }
    case 'command':
      return { names: COMMANDS.filter(({ hidden }) => !hidden).map(asCandidate), files: 'none' };
    default:
      return kind satisfies never;
  }
}

function asCandidate({ name, summary }: { readonly name: string; readonly summary: string }): Candidate {
  return { value: name, summary };
}
