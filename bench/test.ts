import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../src/platform/paths.ts';
import { defaultKernel } from './default-kernel.ts';
import { command, compare, report, sampleOf, time } from './measure.ts';
import { scratchDirectory } from './scratch.ts';
import { prepareVng, type Vng, vngCommand } from './vng.ts';

const DEVBOX = join(projectRoot, 'devbox');
const SMP = '2';
/** A second of CPU time, about, when emulated: enough that there is something to share out. */
const CASE = '#!/bin/sh\ni=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done\n';
const CASES = 20;
const COMMANDS = 10;
const FORKS = 200;

/** What `devbox test` costs: for each test in a shared guest, by guests side by side, and against virtme-ng. */
export async function benchTest(rounds: number): Promise<void> {
  using scratch = scratchDirectory();
  const dir = scratch.path;
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text, { mode: 0o755 });
  for (let number = 0; number < CASES; number += 1) {
    write(`short-${number}.sh`, CASE);
    write(`empty-${number}.sh`, '#!/bin/true\n');
  }
  write('forks.sh', `#!/bin/sh\ni=0; while [ $i -lt ${FORKS} ]; do /bin/true; i=$((i + 1)); done\n`);
  // Before anything is measured: what it lacks ends the benchmark.
  const vng = await prepareVng();
  await reportOverhead(dir, rounds);
  const suite = (jobs: string) => [DEVBOX, 'test', './short-*.sh', '--smp', SMP, '--jobs', jobs, '--quiet'];
  await compare(
    { name: `${CASES} short cases, --jobs 2`, run: () => command(suite('2'), { cwd: dir }) },
    { name: `${CASES} short cases, --jobs 1`, run: () => command(suite('1'), { cwd: dir }) },
    { rounds },
  );
  await againstVng(vng, dir, rounds);
}

/**
 * What one more empty test takes in a guest that is there: twenty less one, shared out. Target: 50 ms. Beside it what a shell in
 * the guest needs to fork and execute the same program, which is none of devbox's doing.
 */
async function reportOverhead(dir: string, rounds: number): Promise<void> {
  const run = (glob: string) =>
    time(() => command([DEVBOX, 'test', glob, '--smp', SMP, '--jobs', '1', '--quiet'], { cwd: dir }));
  await run('./empty-0.sh');
  const each: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const one = await run('./empty-0.sh');
    const all = await run('./empty-*.sh');
    const forks = await run('./forks.sh');
    each.push(((all - one) / (CASES - 1)) * 1000);
    bare.push(((forks - one) / FORKS) * 1000);
  }
  report('one more empty test in a shared guest', sampleOf(each), ' ms');
  report('the same program started by a shell in the guest', sampleOf(bare), ' ms');
}

/** The same commands, one guest of virtme-ng after another. Target: a quarter. */
async function againstVng(vng: Vng, dir: string, rounds: number): Promise<void> {
  const kernel = await defaultKernel();
  const peer = await vngCommand(vng, join(dirname(kernel.bootImage), 'bzImage'), SMP, 'true');
  const ours = [DEVBOX, 'test', './empty-?.sh', '--smp', SMP, '--quiet'];
  await compare(
    { name: `${COMMANDS} commands by devbox test`, run: () => command(ours, { cwd: dir }) },
    {
      name: `${COMMANDS} commands by vng --exec`,
      run: async () => {
        for (let number = 0; number < COMMANDS; number += 1) await command(peer, { env: { PATH: vng.path } });
      },
    },
    { rounds },
  );
}
