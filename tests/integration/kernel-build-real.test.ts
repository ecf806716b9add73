import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';

const HOUR = 3_600_000;
const TINY = join(import.meta.dirname, '../support/tiny-kernel.config');

/** What a build printed as JSON last: the kernel. */
async function build(cwd: string, ...args: string[]) {
  const built = await devbox(['kernel', 'build', '--json', ...args], { cwd });
  expect(built.code, built.stderr).toBe(0);
  const kernel = JSON.parse(built.stdout.trim().split('\n').at(-1) as string);
  expect(kernel.cached).toBe(false);
  return { key: kernel.key as string, dir: dirname(kernel.bootImage) };
}

/** Every file that is made of the sources; logs and descriptions tell of the builder. */
function digests(dir: string): Record<string, string> {
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

it('builds a sched_ext kernel in Docker from Debian’s sources, and fifo passes on it', {
  timeout: HOUR,
}, async () => {
  using project = temporaryDirectory();
  const { dir } = await build(project.path, 'scx-6.12', '--builder', 'docker');
  const { builder, build: made } = JSON.parse(readFileSync(join(dir, 'kernel.json'), 'utf8'));
  expect(builder).toBe('docker');
  expect(made.objects).toBeLessThan(2000);
  const run = await devbox(['run', '--kernel', 'scx-6.12', '--smp', '4', 'fifo'], { cwd: project.path });
  expect(latestRecord(project.path).result.verdict, run.stdout).toMatchObject({ kind: 'passed' });
  expect(run.code).toBe(0);
});

it('gives the same bytes in Docker, without it, and once more from nothing', { timeout: HOUR }, async () => {
  using project = temporaryDirectory();
  const source = { kind: 'debian-source', package: 'linux-source-6.12', suite: 'trixie' };
  const config = { kernels: { tiny: { source, fragments: [TINY] } } };
  writeFileSync(join(project.path, 'devbox.config.json'), JSON.stringify(config));
  const seen = [];
  for (const builder of ['docker', 'embedded', 'docker']) {
    const { key, dir } = await build(project.path, 'tiny', '--builder', builder, '--no-compile-cache');
    seen.push({ key, ...digests(dir) });
    expect((await devbox(['kernel', 'rm', key])).code).toBe(0);
  }
  expect(Object.keys(seen[0] ?? {}).length).toBeGreaterThan(100);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
});
