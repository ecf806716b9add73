import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepareKernel } from '../../src/build/kernel/prepare-kernel.ts';
import { prepareBuildRoot } from '../../src/build/root/prepare-build-root.ts';

export const KERNEL_TREE_SCHEDULERS = ['scx_simple', 'scx_qmap', 'scx_central'];

/** Only what tools/sched_ext is built from; the whole tree is eight times that. */
const PARTS = ['Makefile', 'arch/x86', 'include', 'kernel', 'lib', 'scripts', 'tools'];

/**
 * The schedulers of the kernel's own tools/sched_ext, from Debian's linux-source, built against `kernel` into DIR/bin.
 * It is what their authors' users do by hand.
 */
export async function buildKernelTreeSchedulers(
  dir: string,
  source: string,
  kernel: string,
): Promise<string> {
  const emit = () => {};
  const building = prepareBuildRoot({ emit });
  const root = await building;
  const { vmlinux } = await prepareKernel(kernel, { emit, root: () => building });
  if (vmlinux === undefined) throw new Error(`${kernel} has no vmlinux.`);
  mkdirSync(join(dir, 'bin'), { recursive: true });
  const unpack = `dpkg-deb --fsys-tarfile ${source}_*.deb | tar -xO ./usr/src/${source}.tar.xz | xz -dc -T2 | tar -x`;
  const script = [
    'set -e',
    'mkdir -p /tmp/lists/partial /tmp/cache/archives/partial',
    'apt-get -q -o APT::Sandbox::User=root -o Dir::State::Lists=/tmp/lists -o Dir::Cache=/tmp/cache update',
    `apt-get -q -o APT::Sandbox::User=root -o Dir::State::Lists=/tmp/lists -o Dir::Cache=/tmp/cache download ${source}`,
    `${unpack} ${PARTS.map((part) => `${source}/${part}`).join(' ')}`,
    `cd ${source}/tools/sched_ext`,
    `make -j2 VMLINUX_BTF=/run/vmlinux BPFTOOL=/usr/sbin/bpftool ${KERNEL_TREE_SCHEDULERS.join(' ')}`,
    `cp ${KERNEL_TREE_SCHEDULERS.map((name) => `build/bin/${name}`).join(' ')} /mnt/bin`,
  ].join('\n');
  await root.run({
    argv: ['sh', '-c', script],
    cwd: '/mnt',
    network: true,
    binds: [
      { host: dir, guest: '/mnt', readOnly: false },
      { host: vmlinux, guest: '/run/vmlinux', readOnly: true },
    ],
    name: 'kernel-tree-schedulers',
    title: 'Building tools/sched_ext',
  });
  rmSync(join(dir, source), { recursive: true });
  return join(dir, 'bin');
}
