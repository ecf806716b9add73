import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Container } from 'dockerode';
import { currentUser } from '../../platform/current-user.ts';
import type { ContainerMount } from '../../platform/docker/container-options.ts';
import { copyIn, copyOut } from '../../platform/docker/copy-files.ts';
import type { Daemon } from '../../platform/docker/daemon.ts';
import { machineLabel } from '../../platform/docker/labels.ts';
import { ensureVolume, fillVolume } from '../../platform/docker/volume.ts';
import type { EnvironmentMount } from './environment.ts';
import { giveDirectory, giveTree, type Owner } from './give-directory.ts';

export interface PlaceOptions {
  readonly daemon: Daemon;
  /** For what has to be filled before a container may see it. */
  readonly image: string;
  /** Who the command is inside. */
  readonly owner: Owner;
  /** Whether the daemon sees this machine's files. */
  readonly isShared: boolean;
  readonly signal: AbortSignal | undefined;
}

/** How directories of this machine come into a container, and back. */
export interface PlacedMounts {
  readonly mounts: readonly ContainerMount[];
  readonly hasWritableRoot: boolean;
  /** Once the container has been created. */
  prepare(container: Container): Promise<void>;
  /** Once it has ended. */
  collect(container: Container): Promise<void>;
}

/** One mount of them. */
interface Placed {
  readonly mount: ContainerMount;
  readonly prepare?: (container: Container) => Promise<void>;
  readonly collect?: (container: Container) => Promise<void>;
}

export async function placeMounts(
  mounts: readonly EnvironmentMount[],
  options: PlaceOptions,
): Promise<PlacedMounts> {
  const place = options.isShared ? bind : carry;
  const placed: Placed[] = [];
  for (const mount of mounts) placed.push(await place(mount, options));
  return {
    mounts: placed.map(({ mount }) => mount),
    hasWritableRoot: !options.isShared,
    prepare: async (container) => {
      for (const { prepare } of placed) await prepare?.(container);
    },
    collect: async (container) => {
      for (const { collect } of placed) await collect?.(container);
    },
  };
}

/** By a bind mount. Nobody is root inside, so what root's devbox gives to write to must become the command's. */
async function bind(mount: EnvironmentMount, options: PlaceOptions): Promise<Placed> {
  const { host, guest, mode } = mount;
  const self = currentUser();
  if (mode === 'input') {
    if (self.uid === 0 && !isOpenToAll(host)) return carry(mount, options);
    return { mount: { type: 'bind', source: host, target: guest, readOnly: true } };
  }
  const isOthers = self.uid === 0;
  if (isOthers) giveDirectory(host, options.owner);
  return {
    mount: { type: 'bind', source: host, target: guest, readOnly: false },
    ...(isOthers && mode === 'output' && { collect: async () => giveTree(host, self) }),
  };
}

function isOpenToAll(dir: string): boolean {
  return (statSync(dir).mode & 0o005) === 0o005;
}

/** By a copy in a volume. */
async function carry(
  { host, guest, mode, key }: EnvironmentMount,
  { daemon, image, owner, signal }: PlaceOptions,
): Promise<Placed> {
  const nameless: ContainerMount = { type: 'volume', source: '', target: guest, readOnly: false };
  switch (mode) {
    case 'input': {
      // Everything is root's and nobody inside is root: it cannot be written to.
      if (key === undefined) {
        return {
          mount: nameless,
          prepare: (container) => copyIn(daemon, container, { host, guest, readable: true, signal }),
        };
      }
      const source = `devbox-input-${hashed(key)}`;
      await fillVolume(daemon, { name: source, image, key, host, signal });
      return { mount: { ...nameless, source, readOnly: true } };
    }
    case 'work': {
      const source = `devbox-work-${hashed(`${machineLabel()} ${currentUser().uid} ${host}`)}`;
      await ensureVolume(daemon, { name: source, holds: `work ${host}`, signal });
      return {
        mount: { ...nameless, source },
        prepare: (container) => copyIn(daemon, container, { guest, owner, signal }),
      };
    }
    case 'output':
      return {
        mount: nameless,
        prepare: (container) => copyIn(daemon, container, { host, guest, owner, signal }),
        collect: (container) => copyOut(daemon, container, { host, guest, signal }),
      };
  }
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
