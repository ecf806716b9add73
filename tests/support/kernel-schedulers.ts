import { basename, dirname } from 'node:path';
import { fetchFromDebian } from './debian-packages.ts';
import { devbox } from './devbox.ts';

/** What 6.13 called otherwise; the arguments are the same. */
const RENAMED = [
  ['dispatch', 'dsq_insert'],
  ['dispatch_vtime', 'dsq_insert_vtime'],
  ['consume', 'dsq_move_to_local'],
  ['dispatch_from_dsq', 'dsq_move'],
  ['dispatch_vtime_from_dsq', 'dsq_move_vtime'],
  ['dispatch_from_dsq_set_slice', 'dsq_move_set_slice'],
  ['dispatch_from_dsq_set_vtime', 'dsq_move_set_vtime'],
];

/** Of a whole kernel, what building tools/sched_ext reads. */
const PARTS = [
  ...['tools/sched_ext', 'tools/lib', 'tools/include', 'tools/scripts', 'tools/build', 'tools/arch'],
  ...['include/uapi', 'scripts', 'arch/x86/include'],
];

/** The newest source that is not newer than the kernel, whose types it is then compiled against. */
const SCRIPT = (release: string, names: readonly string[]) => `
  for found in $(apt-cache $apt pkgnames linux-source- | sed -n 's/^linux-source-\\([0-9.]*\\)$/\\1/p' | sort -V); do
    if [ "$(printf '%s\\n' "$found" '${release}' | sort -V | head -n 1)" = "$found" ]; then version=$found; fi
  done
  apt-get $apt download "linux-source-$version"
  mkdir tree
  dpkg-deb --fsys-tarfile ./*.deb | tar -xO "./usr/src/linux-source-$version.tar.xz" | xz -dc -T0 |
    tar -x -C tree --strip-components=1 ${PARTS.map((part) => `"linux-source-$version/${part}"`).join(' ')}
  rm ./*.deb
  clang=clang
  if ! bpftool btf dump file /mnt/btf format raw | grep -q "FUNC 'scx_bpf_dispatch'" &&
     grep -q 'scx_bpf_dispatch(' tree/tools/sched_ext/scx_simple.bpf.c; then
    clang="clang ${RENAMED.map(([before, after]) => `-Dscx_bpf_${before}=scx_bpf_${after}`).join(' ')}"
  fi
  mkdir out
  make -s -j2 -C tree/tools/sched_ext O=/mnt/out/out CLANG="$clang" VMLINUX_BTF=/mnt/btf BPFTOOL=/usr/sbin/bpftool ${names.join(' ')}
  cp out/build/bin/* .
  rm -r tree out`;

/** The kernel's own example schedulers for the default kernel. Returns the directory that they lie in. */
export async function kernelSchedulers(names: readonly string[]): Promise<string> {
  const { stdout } = await devbox(['kernel', 'show', 'scx', '--json'], { cwd: '/' });
  const kernel: { release: string; btf: string } = JSON.parse(stdout);
  const [release = ''] = /^\d+\.\d+/.exec(kernel.release) ?? [];
  return fetchFromDebian({
    name: `schedulers-${kernel.release}-${basename(dirname(kernel.btf)).slice(0, 12)}`,
    backports: true,
    binds: [{ host: kernel.btf, guest: '/mnt/btf', readOnly: true }],
    script: SCRIPT(release, names),
  });
}
