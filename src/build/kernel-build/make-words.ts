import { BUILD_PATH, SOURCE_PATH } from '../kconfig/resolve-config.ts';
import type { CompileCache } from './compile-cache.ts';

/** Where everything lies inside every build environment: paths go into what a compiler makes. */
export const PLACES = {
  source: SOURCE_PATH,
  build: BUILD_PATH,
  config: '/mnt/config',
  out: '/mnt/out',
} as const;

interface MakeOptions {
  /** Files compiled at a time. */
  readonly jobs: number;
  readonly cache: CompileCache;
}

type MakeVariables = Readonly<Record<string, string>>;

/** The compiler of the programs that a build runs itself. */
export const hostCompiler = (make: MakeVariables): string => make.HOSTCC ?? compilerOf(make);

/** Of make's command line, the same for each target: make compiles anew what was compiled by another command. */
export function makeVariables(make: MakeVariables, cache: CompileCache): MakeVariables {
  return {
    ARCH: 'x86',
    ...make,
    CC: cache.through(make.CC ?? compilerOf(make)),
    HOSTCC: cache.through(hostCompiler(make)),
  };
}

/** Kernels like 5.11 take any `s` among the words that make 4.4 hands on for `-s`, and would not say what they compile. */
const SAYING = 'quiet=quiet_';

/** make's command line up to its targets: out of tree. */
export function makeWords(make: MakeVariables, { jobs, cache }: MakeOptions): string[] {
  return [
    ...['make', '-C', PLACES.source, `O=${PLACES.build}`, `-j${jobs}`, SAYING],
    ...Object.entries(makeVariables(make, cache)).map(([name, value]) => `${name}=${value}`),
  ];
}

const compilerOf = ({ LLVM }: MakeVariables) => (isOn(LLVM) ? 'clang' : 'gcc');
const isOn = (value: string | undefined) => value !== undefined && value !== '' && value !== '0';

/** What would otherwise differ from build to build goes by the age of the sources. `epoch` in seconds. */
export function buildEnvironmentVariables(epoch: number): Record<string, string> {
  return {
    KBUILD_BUILD_TIMESTAMP: new Date(epoch * 1000).toUTCString(),
    KBUILD_BUILD_USER: 'devbox',
    KBUILD_BUILD_HOST: 'devbox',
    KBUILD_BUILD_VERSION: '1',
    SOURCE_DATE_EPOCH: String(epoch),
  };
}
