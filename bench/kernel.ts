import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openEnvironment } from '../src/build/environment/open-environment.ts';
import { resolveSource } from '../src/build/kernel-source/resolve-source.ts';
import { cacheDir, projectRoot } from '../src/platform/paths.ts';
import { openStore } from '../src/platform/store.ts';
import { command, print, report, sampleOf, time } from './measure.ts';
import { scratchDirectory } from './scratch.ts';

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
  using scratch = scratchDirectory();
  const dir = scratch.path;
  const tree = join(dir, 'linux');
  cpSync(pristine.dir, tree, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  const environment = await open();
  print(`built by: ${environment.builder}`);
  await measure({ dir, tree, environment, rounds });
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
  const costs = new Map<string, Cost[]>();
  const pay = async (name: string, run: () => Promise<void>) => {
    const cost = await costOf(run);
    costs.set(name, [...(costs.get(name) ?? []), cost]);
    print(`  ${name}: ${cost.seconds.toFixed(2)} s, ${cost.cpu.toFixed(1)} s of CPU`);
  };
  for (let round = 0; round < rounds; round += 1) {
    forget({ compiled: true });
    await pay('cold', build);
    plain.forget();
    await pay('plain', plain.all);
    forget({ compiled: false });
    await pay('warm', build);
    await pay('same', build);
    appendFileSync(join(tree, TOUCHED), `/* ${round} */\n`);
    await pay('touched', build);
    await pay('plainTouched', plain.make);
  }
  const spent = (name: string, what: keyof Cost) => (costs.get(name) ?? []).map((cost) => cost[what]);
  const ratio = (title: string, a: string, b: string) => {
    for (const [what, of] of [
      ['seconds', ''],
      ['cpu', ', CPU seconds'],
    ] as const) {
      const others = spent(b, what);
      const ratios = spent(a, what).map((value, index) => value / (others[index] ?? Number.NaN));
      report(`  ${title}${of}`, sampleOf(ratios), '×');
    }
  };
  report('devbox kernel build, from nothing', sampleOf(spent('cold', 'seconds')), ' s');
  report('make -j in the same image, from nothing', sampleOf(spent('plain', 'seconds')), ' s');
  ratio('ratio (target at most 1.03)', 'cold', 'plain');
  report('devbox kernel build, empty output, warm compile cache', sampleOf(spent('warm', 'seconds')), ' s');
  ratio('ratio to from nothing (target at most 0.35)', 'warm', 'cold');
  report('devbox kernel build, nothing changed (below 0.5 s)', sampleOf(spent('same', 'seconds')), ' s');
  report('devbox kernel build, one file changed', sampleOf(spent('touched', 'seconds')), ' s');
  report('make -j, one file changed', sampleOf(spent('plainTouched', 'seconds')), ' s');
  ratio('ratio (target at most 1.2)', 'touched', 'plainTouched');
}

/** Seconds; `cpu` is what was worked, whoever else was at the machine meanwhile. */
interface Cost {
  readonly seconds: number;
  readonly cpu: number;
}

async function costOf(run: () => Promise<void>): Promise<Cost> {
  const before = cpuSeconds();
  const seconds = await time(run);
  return { seconds, cpu: cpuSeconds() - before };
}

/** Where the containers of a Docker daemon that keeps no cgroups by systemd are counted: versions 1 and 2. */
const CONTAINERS = [
  ['/sys/fs/cgroup/cpuacct/docker/cpuacct.usage', /^(\d+)/, 1e9],
  ['/sys/fs/cgroup/docker/cpu.stat', /^usage_usec (\d+)/m, 1e6],
] as const;

/** CPU time of all children that have ended, and theirs, and of containers, those of other daemons included. */
function cpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
  const children = (Number(fields[13]) + Number(fields[14])) / 100;
  const found = CONTAINERS.find(([file]) => existsSync(file));
  if (!found) return children;
  const [file, pattern, unit] = found;
  return children + Number(pattern.exec(readFileSync(file, 'latin1'))?.[1] ?? 0) / unit;
}

/** What earlier rounds have built. */
function forget({ compiled }: { readonly compiled: boolean }): void {
  const kernels = JSON.parse(execFileSync(devbox, ['kernel', 'list', '--json'], { encoding: 'utf8' })) as {
    readonly name: string;
    readonly stored: readonly { readonly key: string; readonly source?: string }[];
  }[];
  const ours = kernels
    .flatMap(({ stored }) => stored)
    .filter((kernel) => kernel.source?.includes('devbox-bench-'));
  if (ours.length > 0) execFileSync(devbox, ['kernel', 'rm', ...ours.map(({ key }) => key)]);
  rmSync(join(cacheDir(), 'kernel-build'), { recursive: true, force: true });
  for (const name of compiled ? ['compile-cache', 'compile-cache-docker'] : [])
    rmSync(join(cacheDir(), name), { recursive: true, force: true });
}

/**
 * make as somebody would type it into a container of the same image, without a cache and without devbox: `all` makes what
 * devbox puts into the store, in the directory of a build; `make` is what one repeats after an edit.
 */
function plainMake(dir: string, tree: string, environment: Measure['environment'], config: Buffer) {
  const objects = join(dir, 'objects');
  const log = { name: 'bench-make', title: 'make' };
  const words = `make -C /mnt/source O=/mnt/build -j${availableParallelism()} ARCH=x86_64`;
  const run = async (script: string) => {
    await environment.run({
      ...log,
      argv: ['sh', '-euc', script],
      mounts: [
        { host: tree, guest: '/mnt/source', mode: 'input' },
        { host: objects, guest: '/mnt/build', mode: 'work' },
      ],
    });
  };
  const forgetAll = () => {
    rmSync(objects, { recursive: true, force: true });
    mkdirSync(objects);
    writeFileSync(join(objects, '.config'), config);
  };
  const all = `
    ${words} olddefconfig
    ${words} bzImage modules
    mkdir /mnt/build/out
    if grep -q ^CONFIG_MODULES=y /mnt/build/.config; then
      ${words} modules_install INSTALL_MOD_PATH=/mnt/build/out/modules INSTALL_MOD_STRIP=1
    fi
    ${words} headers_install INSTALL_HDR_PATH=/mnt/build/out/headers
    cd /mnt/build
    cp arch/x86/boot/bzImage System.map .config out
    objcopy --strip-debug vmlinux out/vmlinux
  `;
  return { all: () => run(all), make: () => run(`${words} bzImage modules`), forget: forgetAll };
}
