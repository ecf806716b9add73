import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { formatBytes } from '../../core/units.ts';
import { currentUser } from '../../platform/current-user.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import type { BuildEnvironment, EnvironmentCommand, Toolchain } from './environment.ts';
import { giveDirectory } from './give-directory.ts';
import { toolchainOf } from './toolchain.ts';

/** The embedded build root's toolchain: `dir` is the root itself. */
export function rootToolchain(dir: string): Toolchain {
  return toolchainOf(readFileSync(join(dir, 'var/lib/dpkg/status'), 'utf8'));
}

export function embeddedEnvironment(root: BuildRoot, emit: Emit): BuildEnvironment {
  let hasSaid = false;
  const sayOnce = (message: string) => {
    if (!hasSaid) emit({ type: 'notice', level: 'info', message });
    hasSaid = true;
  };
  return {
    builder: 'embedded',
    toolchain: rootToolchain(root.dir),
    image: root.key,
    run: ({ mounts, argv, limits, ...command }) => {
      if (currentUser().uid === 0) {
        // What a container wrote belongs to its user, whom nobody is in here.
        for (const { host, mode } of mounts) if (mode !== 'input') giveDirectory(host, currentUser());
      }
      if (limits?.memoryBytes !== undefined) {
        const limit = formatBytes(limits.memoryBytes);
        sayOnce(
          `The embedded builder limits the memory of each process to ${limit}, not that of all together.`,
        );
      }
      return root.run({
        ...command,
        argv: [...limitArgs(limits), ...argv],
        binds: mounts.map(({ host, guest, mode }) => ({ host, guest, readOnly: mode === 'input' })),
      });
    },
  };
}

/** Programs of the root that hold a command to its limits. */
export function limitArgs(
  limits: EnvironmentCommand['limits'],
  allowed: readonly number[] = allowedCpus(),
): string[] {
  const { cpus, memoryBytes } = limits ?? {};
  const some = cpus === undefined ? allowed : allowed.slice(0, Math.max(1, Math.ceil(cpus)));
  return [
    ...(some.length < allowed.length ? ['taskset', '--cpu-list', some.join(',')] : []),
    ...(memoryBytes === undefined ? [] : ['prlimit', `--data=${memoryBytes}`, '--']),
  ];
}

/** CPUs this process may use, which may be fewer than the machine has. */
function allowedCpus(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
