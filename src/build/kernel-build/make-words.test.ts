import { expect, it } from 'vitest';
import { NO_COMPILE_CACHE } from './compile-cache.ts';
import { buildEnvironmentVariables, makeWords } from './make-words.ts';

const cache = { ...NO_COMPILE_CACHE, through: (compiler: string) => `kept ${compiler}` };

it('builds out of tree, with as many jobs as asked for, through the cache', () => {
  expect(makeWords({}, { jobs: 3, cache })).toEqual([
    ...['make', '-C', '/mnt/source', 'O=/mnt/build', '-j3', 'quiet=quiet_'],
    ...['ARCH=x86', 'CC=kept gcc', 'HOSTCC=kept gcc'],
  ]);
});

it("keeps a kernel's own variables, and its compiler behind the cache", () => {
  expect(makeWords({ LLVM: '1', WERROR: '0' }, { jobs: 1, cache })).toEqual(
    expect.arrayContaining(['LLVM=1', 'WERROR=0', 'CC=kept clang', 'HOSTCC=kept clang']),
  );
  expect(makeWords({ CC: 'gcc-12' }, { jobs: 1, cache })).toContain('CC=kept gcc-12');
  expect(makeWords({ LLVM: '0' }, { jobs: 1, cache })).toContain('CC=kept gcc');
});

it('asks the compilers themselves when there is to be no cache', () => {
  expect(makeWords({}, { jobs: 1, cache: NO_COMPILE_CACHE })).toEqual(
    expect.arrayContaining(['CC=gcc', 'HOSTCC=gcc']),
  );
});

it('takes everything that differs from build to build from the age of the sources', () => {
  const variables = buildEnvironmentVariables(1_700_000_000);
  expect(variables).toMatchObject({
    KBUILD_BUILD_TIMESTAMP: 'Tue, 14 Nov 2023 22:13:20 GMT',
    SOURCE_DATE_EPOCH: '1700000000',
  });
  expect(variables).toEqual(buildEnvironmentVariables(1_700_000_000));
});
