import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvironment } from '../src/build/environment/open-environment.ts';
import { resolveSource } from '../src/build/kernel-source/resolve-source.ts';
import { cacheDir, projectRoot } from '../src/platform/paths.ts';
import { openStore } from '../src/platform/store.ts';
import { command, print, report, sampleOf, time } from './measure.ts';

const devbox = join(projectRoot, 'devbox');
const emit = () => {};
const TOUCHED = 'kernel/sched/core.c';

/**
 * Building a kernel: against plain make in the same image on the same configuration, in a directory of its own; from a
 * local tree, so that one changed file can be measured too. DEVBOX_BENCH_FRAGMENTS (paths, with colons between) makes a
 * smaller kernel than scx-6.12.
 */
export async function benchKernel(rounds: number): Promise<void> {
  const store = openStore();
  const open = () => openEnvironment({ builder: 'auto', emit, store, offline: false });
  const source = await resolveSource(
    { kind: 'debian-source', package: 'linux-source-6.12', suite: 'trixie' },
    { emit, store, progress: emit, environment: open, offline: false },
  );
  await using pristine = await source.obtain();
  const dir = mkdtempSync(join(tmpdir(), 'devbox-bench-'));
  try {
    const tree = join(dir, 'linux');
    cpSync(pristine.dir, tree, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    const environment = await open();
    print(`built by: ${environment.builder}`);
    await measure({ dir, tree, environment, rounds });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Measure {
  readonly dir: string;
  readonly tree: string;
  readonly environment: Awaited<ReturnType<typeof openEnvironment>>;
  readonly rounds: number;
}

async function measure({ dir, tree, environment, rounds }: Measure): Promise<void> {
  const fragments = process.env.DEVBOX_BENCH_FRAGMENTS?.split(':');
  const bench = fragments ? { source: './linux', fragments } : { extends: 'scx-6.12', source: './linux' };
  writeFileSync(join(dir, 'devbox.config.json'), JSON.stringify({ kernels: { bench } }));
  const build = () => command([devbox, 'kernel', 'build', '--quiet', 'bench'], { cwd: dir });
  const config = execFileSync(devbox, ['kernel', 'config', 'bench'], { cwd: dir, maxBuffer: 2 ** 26 });
  const plain = plainMake(dir, tree, environment, config);
  const times: Record<string, number[]> = {
    cold: [],
    plain: [],
    warm: [],
    same: [],
    touched: [],
    plainTouched: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    forget({ ccache: true });
    times.cold?.push(await time(build));
    plain.forget();
    times.plain?.push(await time(plain.make));
    forget({ ccache: false });
    times.warm?.push(await time(build));
    times.same?.push(await time(build));
    appendFileSync(join(tree, TOUCHED), `/* ${round} */\n`);
    times.touched?.push(await time(build));
    times.plainTouched?.push(await time(plain.make));
  }
  const ratio = (a: string, b: string) =>
    sampleOf((times[a] ?? []).map((value, index) => value / (times[b]?.[index] ?? Number.NaN)));
  report('devbox kernel build, from nothing', sampleOf(times.cold ?? []), ' s');
  report('make -j in the same image, from nothing', sampleOf(times.plain ?? []), ' s');
  report('  ratio (target at most 1.03)', ratio('cold', 'plain'), '×');
  report('devbox kernel build, empty output, warm ccache', sampleOf(times.warm ?? []), ' s');
  report('  ratio to from nothing (target at most 0.35)', ratio('warm', 'cold'), '×');
  report('devbox kernel build, nothing changed (target below 0.5 s)', sampleOf(times.same ?? []), ' s');
  report('devbox kernel build, one file changed', sampleOf(times.touched ?? []), ' s');
  report('make -j, one file changed', sampleOf(times.plainTouched ?? []), ' s');
  report('  ratio (target at most 1.2)', ratio('touched', 'plainTouched'), '×');
}

/** What earlier rounds have built. */
function forget({ ccache }: { readonly ccache: boolean }): void {
  const kernels = JSON.parse(execFileSync(devbox, ['kernel', 'list', '--json'], { encoding: 'utf8' })) as {
    readonly name: string;
    readonly stored: readonly { readonly key: string; readonly source?: string }[];
  }[];
  const ours = kernels
    .flatMap(({ stored }) => stored)
    .filter((kernel) => kernel.source?.includes('devbox-bench-'));
  if (ours.length > 0) execFileSync(devbox, ['kernel', 'rm', ...ours.map(({ key }) => key)]);
  rmSync(join(cacheDir(), 'kernel-build'), { recursive: true, force: true });
  if (ccache) rmSync(join(cacheDir(), 'ccache'), { recursive: true, force: true });
}

/** make as somebody would type it into a container of the same image: no ccache, no devbox. */
function plainMake(dir: string, tree: string, environment: Measure['environment'], config: Buffer) {
  const objects = join(dir, 'objects');
  const log = { name: 'bench-make', title: 'make' };
  const words = ['make', '-C', '/mnt/source', 'O=/mnt/build', `-j${availableParallelism()}`, 'ARCH=x86_64'];
  const forgetAll = () => {
    rmSync(objects, { recursive: true, force: true });
    mkdirSync(objects);
    writeFileSync(join(objects, '.config'), config);
  };
  const make = async () => {
    if (!existsSync(join(objects, '.config'))) forgetAll();
    await environment.run({
      ...log,
      argv: [...words, 'bzImage', 'modules'],
      mounts: [
        { host: tree, guest: '/mnt/source', mode: 'input' },
        { host: objects, guest: '/mnt/build', mode: 'work' },
      ],
    });
  };
  return { make, forget: forgetAll };
}
