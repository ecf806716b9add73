import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../paths.ts';
import { writeSmallJson } from '../small-json.ts';
import { isAlive, readDirectory, thisProcess } from '../store-lease.ts';
import type { DockerEndpoint } from './endpoint.ts';

/** A note that a daemon runs something for this process; left behind by a killed one, it says where to clear up. */
export function noteDaemon({ from: _from, ...endpoint }: DockerEndpoint): Disposable {
  serial += 1;
  const file = join(notesDir(), `${thisProcess()}.${serial}`);
  mkdirSync(notesDir(), { recursive: true });
  // Keys are not copied: where TLS is needed, the daemon is found again as it was found now.
  writeSmallJson(file, 'tls' in endpoint ? { ...endpoint, tls: undefined } : endpoint);
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

let serial = 0;

const notesDir = () => join(cacheDir(), 'docker', 'in-use');

/** Whether a killed devbox may have left a container somewhere: costs no more than reading a directory. */
export function hasDeadNotes(): boolean {
  return deadNotes().length > 0;
}

/** The notes of processes that do not live any more. */
export function deadNotes(): string[] {
  return readDirectory(notesDir())
    .filter((name) => !isAlive(name.split('.')[0] ?? ''))
    .map((name) => join(notesDir(), name));
}
