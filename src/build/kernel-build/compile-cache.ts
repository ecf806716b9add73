import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { currentUser } from '../../platform/current-user.ts';
import { cacheDir } from '../../platform/paths.ts';
import { keyOf } from '../../platform/store-key.ts';
import type { BuildEnvironment, EnvironmentMount } from '../environment/environment.ts';
import { digestSources, NATIVE_DIR } from '../native/native-sources.ts';

/** How the commands of a kernel build take from native/compile-cache what was compiled before. */
export interface CompileCache {
  readonly mounts: readonly EnvironmentMount[];
  readonly env: Readonly<Record<string, string>>;
  /** Shell commands before the first call of a compiler. */
  readonly open: string;
  /** Shell commands after the last one. */
  readonly close: string;
  /** The words that call a compiler. */
  through(compiler: string): string;
}

export const NO_COMPILE_CACHE: CompileCache = {
  mounts: [],
  env: {},
  open: '',
  close: '',
  through: (compiler) => compiler,
};

/** Inside the environment. */
const PROGRAM = '/tmp/compile-cache';
const DIRECTORY = '/mnt/compile-cache';
const SOURCES = '/mnt/compile-cache-source';
/** When a build has ended, the cache holds so much at most. Bytes. */
const LIMIT = 10e9;

/** `hostCompiler` compiles for the machine itself, without options. */
export function compileCache(
  { builder, toolchain }: Pick<BuildEnvironment, 'builder' | 'toolchain'>,
  hostCompiler: string,
): CompileCache {
  const sources = join(NATIVE_DIR, 'compile-cache');
  const digest = digestSources(sources);
  return {
    mounts: [
      { host: cacheDirectory(builder), guest: DIRECTORY, mode: 'work' },
      { host: sources, guest: SOURCES, mode: 'input', key: digest },
    ],
    env: {
      DEVBOX_COMPILE_CACHE: DIRECTORY,
      // Another program might keep other things.
      DEVBOX_COMPILE_CACHE_TOOLCHAIN: keyOf({ digest, toolchain: toolchain.digest }),
      DEVBOX_COMPILE_CACHE_KNOWN: `${PROGRAM}-known`,
    },
    open: openScript(hostCompiler, keyOf({ digest, toolchain: toolchain.digest, hostCompiler }).slice(0, 16)),
    close: `${PROGRAM} --end ${LIMIT}`,
    through: (compiler) => `${PROGRAM} ${compiler}`,
  };
}

/**
 * Root's builds in Docker are another user's, who cannot write to the files of those without it: two that run at once
 * must not take the directory from each other.
 */
function cacheDirectory(builder: BuildEnvironment['builder']): string {
  const isOthers = builder === 'docker' && currentUser().uid === 0;
  const dir = join(cacheDir(), isOthers ? 'compile-cache-docker' : 'compile-cache');
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** The program is compiled once for each toolchain. Where that cannot be, everything is compiled anew, and it says so. */
function openScript(hostCompiler: string, key: string): string {
  const kept = `${DIRECTORY}/program/${key}`;
  const made = `${PROGRAM}-made`;
  const make = `make --silent -C ${SOURCES} OUT=${made} CC='${hostCompiler.replaceAll("'", `'\\''`)}'`;
  return `
if ! [ -x ${kept} ] && { ${make} || ${make} LINK=; }; then
  mkdir -p ${DIRECTORY}/program
  cp ${made}/compile-cache ${kept}.$$
  mv ${kept}.$$ ${kept}
fi
if [ -x ${kept} ]; then
  ln -sf ${kept} ${PROGRAM}
else
  echo 'compile-cache: cannot be compiled here: everything is compiled anew'
  printf '%s\\n' '#!/bin/sh' '[ "$1" = --end ] || exec "$@"' >${PROGRAM}
  chmod 755 ${PROGRAM}
fi
`;
}

/** How many files a build took from the cache, when a line of its log says so. */
export function servedFiles(line: string): number | undefined {
  const served = /^compile-cache: (\d+) served, \d+ compiled$/.exec(line)?.[1];
  return served === undefined ? undefined : Number(served);
}
