import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/devbox.ts';
import { leftovers, untilGone } from '../support/leftovers.ts';
import { seededRandom } from '../support/seeded-random.ts';

const SCRIPT = join(import.meta.dirname, '../support/start-build-step.ts');
const ROUNDS = 45;
const AT_ONCE = 3;

const random = seededRandom(20_260_103);

it('nothing is left of a build step whose devbox is killed while the step starts', async () => {
  using dir = temporaryDirectory();
  const killOne = async () => {
    const env = { ...process.env, MARK: dir.path, DEVBOX_CACHE: join(dir.path, 'cache') };
    const child = spawn(process.execPath, [SCRIPT], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await setTimeout(random.below(60));
    child.kill('SIGKILL');
    await once(child, 'close');
  };
  for (let round = 0; round < ROUNDS / AT_ONCE; round++) {
    await Promise.all(Array.from({ length: AT_ONCE }, killOne));
  }
  await untilGone(dir.path);
  expect(leftovers(dir.path)).toEqual([]);
}, 120_000);
