import { readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Time-sortable: the year comes first. */
export const RUN_ID = /^\d{8}-\d{6}-[0-9a-f]{4}$/;

/** Run ids in `runsDir`, newest first; none when there is no such directory. */
export function runIds(runsDir: string): string[] {
  try {
    return readdirSync(runsDir)
      .filter((name) => RUN_ID.test(name))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}

/** Points `latest` at a run, in one step that readers never see half-done; without an id, at the newest one left. */
export function linkLatest(runsDir: string, runId = runIds(runsDir)[0]): void {
  const link = join(runsDir, 'latest');
  if (runId === undefined) {
    rmSync(link, { force: true });
    return;
  }
  const temporary = join(runsDir, `.latest-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(runId, temporary);
  renameSync(temporary, link);
}
