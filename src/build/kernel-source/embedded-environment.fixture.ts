import type { BuildEnvironment } from '../environment/environment.ts';
import { prepareBuildRoot } from '../root/prepare-build-root.ts';

/** A build environment over the embedded build root, for tests. */
export async function embeddedEnvironment(): Promise<BuildEnvironment> {
  const root = await prepareBuildRoot({ emit: () => {} });
  return {
    builder: 'embedded',
    image: root.key,
    toolchain: { digest: '', packages: {} },
    run: ({ mounts, limits: _limits, ...command }) =>
      root.run({
        ...command,
        binds: mounts.map(({ host, guest, mode }) => ({ host, guest, readOnly: mode === 'input' })),
      }),
  };
}
