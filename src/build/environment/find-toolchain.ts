import { join } from 'node:path';
import { findDaemon, notReachable } from '../../platform/docker/find-daemon.ts';
import { buildRootKey } from '../root/prepare-build-root.ts';
import { DEFAULT_IMAGE, imageTag } from './docker-image.ts';
import { rootToolchain } from './embedded-environment.ts';
import type { BuildEnvironment } from './environment.ts';
import { knownImage } from './known-image.ts';
import { type OpenEnvironmentOptions, requireDockerForImage } from './open-environment.ts';

export type FoundToolchain = Pick<BuildEnvironment, 'builder' | 'toolchain' | 'image'>;

/**
 * What `openEnvironment` with the same options would build with, when that is there already; undefined when it has to
 * be made. Starts nothing: at most one ping and one question for an image, or one look into the store.
 */
export async function findToolchain(
  options: Omit<OpenEnvironmentOptions, 'emit' | 'offline'>,
): Promise<FoundToolchain | undefined> {
  const { builder, image, store, frozenImage, signal } = options;
  requireDockerForImage(options);
  if (builder !== 'embedded') {
    const found = await findDaemon({ signal });
    if (found.endpoint) {
      const name = frozenImage ?? imageTag(image ?? DEFAULT_IMAGE);
      const known = await knownImage(found.endpoint, name, signal);
      return known && { builder: 'docker', toolchain: known.toolchain, image: known.id };
    }
    if (builder === 'docker' || image !== undefined) throw notReachable(found);
  }
  const key = buildRootKey();
  if (frozenImage !== undefined && frozenImage !== key) return undefined;
  const entry = await store.lookup('build-root', key);
  return entry && { builder: 'embedded', toolchain: rootToolchain(join(entry.dir, 'root')), image: key };
}
