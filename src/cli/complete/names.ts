import * as devbox from '../../index.ts';
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
      return {
        names: (await devbox.listAgents()).map(asCandidate),
        files: kind === 'agent' ? 'none' : 'file',
      };
    }
    case 'policy-or-path': {
      return { names: (await devbox.listPolicies()).map(asCandidate), files: 'file' };
    }
    case 'sim-workload': {
      return { names: (await devbox.listSimulatorWorkloads()).map(asCandidate), files: 'none' };
    }
    case 'workload': {
      return { names: (await devbox.listWorkloads()).map(asCandidate), files: 'none' };
    }
    case 'kernel': {
      return { names: (await devbox.listKernels({ cwd })).map(asCandidate), files: 'file' };
    }
    case 'kernel-name': {
      return { names: (await devbox.listKernels({ cwd, stored: false })).map(asCandidate), files: 'none' };
    }
    case 'fragment': {
      return {
        names: (await devbox.listFragments()).map((value) => ({ value, summary: '' })),
        files: 'file',
      };
    }
    case 'run': {
      const ids = await devbox.listRunIds({ cwd });
      const latest = ids.length > 0 ? [{ value: 'latest', summary: 'the newest one' }] : [];
      return { names: [...latest, ...ids.map((id) => ({ value: id, summary: '' }))], files: 'none' };
    }
    case 'guest': {
      const names = (await devbox.listGuests()).map(({ runId, command }) => ({
        value: runId,
        summary: command,
      }));
      return { names, files: 'none' };
    }
    case 'suite-or-file': {
      return { names: (await devbox.listSuites({ cwd })).map(asCandidate), files: 'file' };
    }
    case 'kselftest-case': {
      const names = await devbox.listKselftestCases();
      return { names: names.map((value) => ({ value, summary: '' })), files: 'none' };
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
