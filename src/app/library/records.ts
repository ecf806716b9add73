import { runsDir } from '../../platform/paths.ts';
import { findRun } from '../../platform/record/find-run.ts';
import { runIds } from '../../platform/record/latest-link.ts';
import { type RunEntry, readRunEntry } from '../../platform/record/read-record.ts';
import { directoryOf, type Place } from './guest-options.ts';

export { readEvents } from '../../platform/record/read-record.ts';

export async function listRunIds({ cwd }: Place = {}): Promise<readonly string[]> {
  return runIds(runsDir(directoryOf(cwd)));
}

export async function listRuns({ cwd }: Place = {}): Promise<readonly RunEntry[]> {
  const dir = runsDir(directoryOf(cwd));
  return Promise.all(runIds(dir).map((id) => readRunEntry(dir, id)));
}

export async function readRun(id: string, { cwd }: Place = {}): Promise<RunEntry> {
  const dir = runsDir(directoryOf(cwd));
  return readRunEntry(dir, findRun(dir, id));
}
