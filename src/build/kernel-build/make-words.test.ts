import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { buildEnvironmentVariables, ccacheMount, makeWords } from './make-words.ts';

it('builds out of tree, with as many jobs as asked for, through ccache', () => {
  expect(makeWords({}, { jobs: 3, ccache: true })).toEqual([
    ...['make', '-C', '/mnt/source', 'O=/mnt/build', '-j3'],
    ...['ARCH=x86', 'CC=ccache gcc', 'HOSTCC=ccache gcc'],
  ]);
});

it("keeps a kernel's own variables, and its compiler behind ccache", () => {
  expect(makeWords({ LLVM: '1', WERROR: '0' }, { jobs: 1, ccache: true })).toEqual(
    expect.arrayContaining(['LLVM=1', 'WERROR=0', 'CC=ccache clang', 'HOSTCC=ccache clang']),
  );
  expect(makeWords({ CC: 'gcc-12' }, { jobs: 1, ccache: true })).toContain('CC=ccache gcc-12');
  expect(makeWords({ LLVM: '0' }, { jobs: 1, ccache: true })).toContain('CC=ccache gcc');
});

it('asks the compilers themselves when there is to be no ccache', () => {
  expect(makeWords({}, { jobs: 1, ccache: false })).toEqual(expect.arrayContaining(['CC=gcc', 'HOSTCC=gcc']));
});

it('takes everything that differs from build to build from the age of the sources', () => {
  const variables = buildEnvironmentVariables(1_700_000_000);
  expect(variables).toMatchObject({
    KBUILD_BUILD_TIMESTAMP: 'Tue, 14 Nov 2023 22:13:20 GMT',
    SOURCE_DATE_EPOCH: '1700000000',
  });
  expect(variables).toEqual(buildEnvironmentVariables(1_700_000_000));
});

it('keeps what root compiles in Docker apart from what it compiles without: they are two users', () => {
  vi.stubEnv('DEVBOX_CACHE', mkdtempSync(join(tmpdir(), 'devbox-cache-')));
  onTestFinished(() => {
    rmSync(process.env.DEVBOX_CACHE as string, { recursive: true });
    vi.unstubAllEnvs();
  });
  const [docker, embedded] = (['docker', 'embedded'] as const).map((builder) => ccacheMount({ builder }));
  expect(docker?.host === embedded?.host).toBe(process.getuid?.() !== 0);
  expect(docker?.guest).toBe(embedded?.guest);
});
