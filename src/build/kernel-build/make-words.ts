import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { currentUser } from '../../platform/current-user.ts';
import { cacheDir } from '../../platform/paths.ts';
import type { BuildEnvironment, EnvironmentMount } from '../environment/environment.ts';
import { BUILD_PATH, SOURCE_PATH } from '../kconfig/resolve-config.ts';

/** Where everything lies inside every build environment: paths go into what a compiler makes. */
export const PLACES = {
  source: SOURCE_PATH,
  build: BUILD_PATH,
  config: '/mnt/config',
  ccache: '/mnt/ccache',
  out: '/mnt/out',
} as const;

interface MakeOptions {
  /** Files compiled at a time. */
  readonly jobs: number;
  /** Whether the compilers are asked through ccache. */
  readonly ccache: boolean;
}

/**
 * Where ccache keeps what was compiled once. Root's builds in Docker are another user's, who cannot write to the files
 * of those without it: two that run at once must not take the directory from each other.
 */
export function ccacheMount({ builder }: Pick<BuildEnvironment, 'builder'>): EnvironmentMount {
  const isOthers = builder === 'docker' && currentUser().uid === 0;
  const host = join(cacheDir(), isOthers ? 'ccache-docker' : 'ccache');
  mkdirSync(host, { recursive: true });
  return { host, guest: PLACES.ccache, mode: 'work' };
}

/** The compiler of the programs that a build runs itself, as make is told of it. */
export function hostCompiler(make: Readonly<Record<string, string>>, ccache: boolean): string {
  return through(make.HOSTCC ?? compilerOf(make), ccache);
}

/** make's command line up to its targets: out of tree. */
export function makeWords(make: Readonly<Record<string, string>>, { jobs, ccache }: MakeOptions): string[] {
  const { CC, HOSTCC: _, ...rest } = make;
  const variables = {
    ARCH: 'x86',
    ...rest,
    CC: through(CC ?? compilerOf(make), ccache),
    HOSTCC: hostCompiler(make, ccache),
  };
  return [
    ...['make', '-C', PLACES.source, `O=${PLACES.build}`, `-j${jobs}`],
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  ];
}

const through = (program: string, ccache: boolean) => (ccache ? `ccache ${program}` : program);
const compilerOf = ({ LLVM }: Readonly<Record<string, string>>) => (isOn(LLVM) ? 'clang' : 'gcc');
const isOn = (value: string | undefined) => value !== undefined && value !== '' && value !== '0';

/** What would otherwise differ from build to build goes by the age of the sources. `epoch` in seconds. */
export function buildEnvironmentVariables(epoch: number): Record<string, string> {
  return {
    KBUILD_BUILD_TIMESTAMP: new Date(epoch * 1000).toUTCString(),
    KBUILD_BUILD_USER: 'devbox',
    KBUILD_BUILD_HOST: 'devbox',
    KBUILD_BUILD_VERSION: '1',
    SOURCE_DATE_EPOCH: String(epoch),
    CCACHE_DIR: PLACES.ccache,
    CCACHE_MAXSIZE: '10G',
    // Not to preprocess what is compiled anyway: what a file includes is in the list that the compiler writes for make.
    CCACHE_DEPEND: '1',
    // The image is part of the key of what is built; asking the compiler by its content costs less than being wrong.
    CCACHE_COMPILERCHECK: 'content',
  };
}
