import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheWithoutKernels } from '../support/cache-without-kernels.ts';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';

const HOUR = 3_600_000;
/** Of its own: on this machine the kernel may have been built before, and its user wants to keep it. */
const cache = temporaryDirectory();
const env = { DEVBOX_CACHE: cache.path };
afterAll(() => cache[Symbol.dispose]());
/** Root's builds in Docker are another user's. */
const CACHES = {
  docker: process.getuid?.() === 0 ? 'compile-cache-docker' : 'compile-cache',
  embedded: 'compile-cache',
} as const;
type Builder = keyof typeof CACHES;

interface Built {
  readonly key: string;
  readonly dir: string;
}

async function build(builder: Builder): Promise<Built> {
  using project = temporaryDirectory();
  const words = ['kernel', 'build', 'scx-6.12', '--json', '--builder', builder];
  const built = await devbox(words, { cwd: project.path, env });
  expect(built.code, built.stderr).toBe(0);
  const kernel = JSON.parse(built.stdout.trim().split('\n').at(-1) as string);
  expect(kernel.cached).toBe(false);
  const dir = dirname(kernel.bootImage);
  expect(JSON.parse(readFileSync(join(dir, 'kernel.json'), 'utf8')).builder).toBe(builder);
  return { key: kernel.key, dir };
}

/** Every file that is made of the sources; logs and descriptions tell of the builder. */
function digests({ dir }: Built): Record<string, string> {
  const files = execFileSync('find', ['.', '-type', 'f'], { cwd: dir, encoding: 'utf8' }).split('\n').sort();
  const made = files.filter((file) =>
    /^\.\/(bzImage|vmlinux|config|btf|System\.map|modules\/|headers\/)/.test(file),
  );
  return Object.fromEntries(
    made.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(dir, file)))
        .digest('hex'),
    ]),
  );
}

/** Lets a builder know what Docker compiled but for a part, of twelve: that it has to compile itself. */
function knowAllBut(part: number, builder: Builder): void {
  const [docker, own] = [CACHES.docker, CACHES[builder]];
  const entriesOf = (name: string) => join(cache.path, name, 'entries');
  if (own !== docker) cpSync(join(cache.path, docker), join(cache.path, own), { recursive: true });
  const entries = readdirSync(entriesOf(own), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const [index, file] of files.sort().entries()) if (index % 12 === part) rmSync(file);
}

function compiledFiles({ dir }: Built): number {
  const log = readFileSync(join(dir, 'build.log'), 'utf8');
  return Number(/^compile-cache: \d+ served, (\d+) compiled$/m.exec(log)?.[1]);
}

/** All of it is compiled once: in each way, it would take most of an hour on two cores. */
describe('a sched_ext kernel from Debian’s sources', () => {
  let first: Built;
  beforeAll(async () => {
    cacheWithoutKernels(cache.path);
    first = await build('docker');
  }, HOUR);

  it('is small, and fifo passes on it when it was built in Docker', async () => {
    using project = temporaryDirectory();
    const { build: made } = JSON.parse(readFileSync(join(first.dir, 'kernel.json'), 'utf8'));
    expect(made.objects).toBeLessThan(2000);
    const run = await devbox(['run', '--kernel', 'scx-6.12', '--smp', '4', 'fifo'], {
      ...{ cwd: project.path, env },
    });
    expect(latestRecord(project.path).result.verdict, run.stdout).toMatchObject({ kind: 'passed' });
    expect(run.code).toBe(0);
  });

  it('has the same bytes when it is built without Docker, and once more in it', {
    timeout: HOUR,
  }, async () => {
    const expected = digests(first);
    expect(Object.keys(expected).length).toBeGreaterThan(100);
    let last = first;
    for (const [part, builder] of (['embedded', 'docker'] as const).entries()) {
      expect((await devbox(['kernel', 'rm', last.key], { env })).code).toBe(0);
      knowAllBut(part, builder);
      last = await build(builder);
      expect(last.key).toBe(first.key);
      expect(compiledFiles(last)).toBeGreaterThan(100);
      expect(digests(last)).toEqual(expected);
    }
  });
});
