import { keyOf } from '../../platform/store-key.ts';
import type { Toolchain } from './environment.ts';

/**
 * Packages that can change a byte of a kernel: what compiles and links it, what its makefiles call, what compresses it,
 * what describes its types. Others may differ between two environments that build the same.
 */
const DECIDING: readonly RegExp[] = [
  /^(gcc|cpp|clang|llvm|lld|rustc|bindgen)(-\d+)?$/,
  /^(gcc|cpp)-(\d+-)?x86-64-linux-gnu$/,
  /^libgcc-\d+-dev$/,
  /^lib(clang|llvm)[\w-]*\d+$/,
  /^binutils(-common|-x86-64-linux-gnu)?$/,
  /^lib(binutils|ctf0|opcodes|bfd)$/,
  /^(libc6|libc6-dev|libc-bin|linux-libc-dev)$/,
  /^lib(elf|dw|bpf)\d*(t64)?(-dev)?$/,
  /^(pahole|dwarves|libdwarves\d+)$/,
  /^(make|flex|bison|m4|bc|patch|cpio|kmod|libkmod2|tar|rsync)$/,
  /^(perl|perl-base|libperl[\d.]+(t64)?)$/,
  /^(lib)?python3(\.\d+)?(-minimal|-stdlib)?$/,
  /^(openssl|libssl3(t64)?|libssl-dev)$/,
  /^(bzip2|gzip|lz4|lzop|xz-utils|zstd|libbz2-1\.0|liblz4-1|liblzma5|libzstd1|zlib1g)$/,
  /^(gawk|mawk|sed|grep|bash|dash|coreutils|findutils|diffutils)$/,
];

/** The toolchain of a root, read from dpkg's own list of what is installed: /var/lib/dpkg/status. */
export function toolchainOf(dpkgStatus: string): Toolchain {
  const packages: Record<string, string> = {};
  for (const stanza of dpkgStatus.split('\n\n')) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
    const name = field('Package');
    const version = field('Version');
    if (name === undefined || version === undefined || field('Status') !== 'install ok installed') continue;
    if (DECIDING.some((pattern) => pattern.test(name))) packages[name] = version;
  }
  return toolchain(packages);
}

/** From its packages alone, as an image's label keeps them. */
export function toolchain(packages: Readonly<Record<string, string>>): Toolchain {
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { digest: keyOf({ toolchain: sorted }), packages: sorted };
}

/** An image that is not Debian's does not say what it holds: it is the toolchain. */
export function opaqueToolchain(imageId: string): Toolchain {
  return toolchain({ image: imageId });
}

/** What a label says; undefined when it is none of ours. */
export function parseToolchain(label: string | undefined): Toolchain | undefined {
  if (label === undefined) return undefined;
  try {
    const packages = JSON.parse(label) as unknown;
    const isMap =
      typeof packages === 'object' &&
      packages !== null &&
      Object.values(packages).every((version) => typeof version === 'string');
    return isMap ? toolchain(packages as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}
