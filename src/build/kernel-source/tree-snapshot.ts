import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { requireFree } from '../../platform/store-disk-full.ts';
import { readingAlso, type TreeRepository } from './tree-repository.ts';
import type { UserRepository } from './user-repository.ts';

/** A kernel's tree of today, bytes. */
const SNAPSHOT_BYTES = 2e9;

/**
 * Makes the snapshot hold exactly the tree: only files that differ are written, and whatever else was done to it is
 * undone. Under the snapshot's lock. Objects that the tree needs may be missing: that, and not a full disk, is a
 * `Failure` snapshot-failed.
 */
export async function updateSnapshot(
  repository: TreeRepository,
  tree: string,
  user: UserRepository | undefined,
): Promise<void> {
  const { dir, gitDir, snapshot } = repository;
  const needs = existsSync(snapshot) ? 0 : SNAPSHOT_BYTES;
  mkdirSync(snapshot, { recursive: true });
  requireFree(dir, needs);
  const index = join(gitDir, 'snapshot-index');
  rmSync(`${index}.lock`, { force: true }); // Of a git that was killed.
  const options = {
    env: { GIT_WORK_TREE: snapshot, GIT_INDEX_FILE: index, ...readingAlso(user) },
    failure: {
      code: 'snapshot-failed',
      message: `Cannot make a snapshot of the tree in ${snapshot}.`,
      writesTo: { dir, ...(needs > 0 && { needs }) },
    },
  };
  await repository.run(['read-tree', '--reset', '-u', tree], options);
  await repository.run(['clean', '-x', '-d', '-f', '-f', '-q'], options);
}

export function changedMeanwhile(path: string): Failure {
  return new Failure({
    kind: 'build',
    code: 'tree-changed',
    message: `${path} was changed while it was being read.`,
    hint: 'Try again.',
  });
}
