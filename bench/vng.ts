import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareBuildRoot } from '../src/build/root/prepare-build-root.ts';
import { findProgram } from '../src/platform/find-program.ts';
import { probeKvm } from '../src/platform/kvm-probe.ts';
import { cacheDir } from '../src/platform/paths.ts';
import { command } from './measure.ts';

/** The command line that runs a command in a guest of virtme-ng, on this kernel image. */
export async function vngCommand(vng: Vng, image: string, cpus: string, what: string): Promise<string[]> {
  const { usable } = await probeKvm({});
  const slow = usable ? [] : ['--disable-kvm'];
  return [vng.program, '--run', image, ...slow, '--cpus', cpus, '--memory', '1G', '--exec', what];
}

/** virtme-ng as a user would run it: `vng` on PATH, else from PyPI. */
export interface Vng {
  readonly program: string;
  readonly path: string;
}

/**
 * Finds or installs virtme-ng, and gives it the file-sharing daemon of the build root: Debian's small kernels have no 9p,
 * and virtme-ng wants the daemon's newer implementation. Needs udev on this machine, for virtme-ng waits for it.
 */
export async function prepareVng(): Promise<Vng> {
  const dir = join(cacheDir(), 'bench');
  mkdirSync(dir, { recursive: true });
  if (findProgram('udevadm') === undefined) throw new Error('virtme-ng needs udev: apt-get install udev');
  let program = findProgram('vng');
  if (program === undefined) {
    const venv = join(dir, 'vng');
    program = join(venv, 'bin', 'vng');
    if (!existsSync(program)) {
      await command(['python3', '-m', 'venv', venv]);
      await command([join(venv, 'bin', 'pip'), 'install', '--quiet', 'virtme-ng']);
    }
  }
  const root = (await prepareBuildRoot({ emit: () => {} })).dir;
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const daemon = [
    `exec ${join(root, 'usr/lib64/ld-linux-x86-64.so.2')} --library-path ${libraries}`,
    `${join(root, 'usr/libexec/virtiofsd')} "$@"`,
  ];
  writeFileSync(join(dir, 'virtiofsd'), `#!/bin/sh\n${daemon.join(' ')}\n`, { mode: 0o755 });
  return { program, path: `${dir}:${join(program, '..')}:${process.env.PATH ?? ''}` };
}
