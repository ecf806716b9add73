import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openEnvironment } from '../../src/build/environment/open-environment.ts';
import { parseSource } from '../../src/build/kernel-source/parse-source.ts';
import { resolveSource } from '../../src/build/kernel-source/resolve-source.ts';
import { CHOOSE_CLANG } from '../../src/build/selftests/renamed-kfuncs.ts';
import { cacheDir } from '../../src/platform/paths.ts';
import { openStore } from '../../src/platform/store.ts';
import { buildRoot } from './debian-packages.ts';
import { devbox } from './devbox.ts';

/** $@: names. The programs of tools/sched_ext go into /mnt/out. */
const SCRIPT = `${CHOOSE_CLANG}
tools=/mnt/tree/tools/sched_ext
mkdir objects
choose_clang "$tools" /mnt/btf
make -s -j2 -C "$tools" O=/mnt/out/objects CLANG="$clang" VMLINUX_BTF=/mnt/btf BPFTOOL=/usr/sbin/bpftool "$@"
cp objects/build/bin/* .
rm -r objects`;

/** What they are run on: later kernels load them elsewhere than scx_central, as it is in 6.12, expects. */
export const EXAMPLES_KERNEL = 'debian:6.18.15';

/** The kernel tree's example schedulers, compiled once. Returns the directory that they lie in. */
export async function kernelSchedulers(names: readonly string[]): Promise<string> {
  const { stdout } = await devbox(['kernel', 'show', EXAMPLES_KERNEL, '--json'], { cwd: '/' });
  const kernel: { release: string; btf: string } = JSON.parse(stdout);
  const parent = join(cacheDir(), 'tests');
  const name = `schedulers-6.12-${kernel.release}-${basename(dirname(kernel.btf)).slice(0, 12)}`;
  const kept = join(parent, name);
  if (existsSync(kept)) return kept;
  const draft = join(parent, `.${name}-${process.pid}`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  await using tree = await firstSource();
  await (await buildRoot()).run({
    argv: ['sh', '-euc', SCRIPT, 'schedulers', ...names],
    binds: [
      { host: tree.dir, guest: '/mnt/tree', readOnly: true },
      { host: kernel.btf, guest: '/mnt/btf', readOnly: true },
      { host: draft, guest: '/mnt/out', readOnly: false },
    ],
    cwd: '/mnt/out',
    name: `test-${name}`,
    title: "Compiling the kernel's example schedulers",
  });
  renameSync(draft, kept);
  return kept;
}

/** Those of the first kernel that had them: newer ones want a newer compiler than the build root's, or the kernel's configuration in /boot. */
async function firstSource() {
  const emit = () => {};
  const store = openStore();
  const around = { emit, store, offline: false };
  const context = {
    ...{ ...around, progress: emit },
    environment: () => openEnvironment({ ...around, builder: 'embedded' }),
  };
  return (await resolveSource(parseSource('debian:linux-source-6.12'), context)).obtain();
}
