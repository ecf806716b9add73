import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvironment } from '../../src/build/environment/open-environment.ts';
import { openStore } from '../../src/platform/store.ts';

/**
 * Runs the shell script of its command line in Docker, in a process that can be killed: with an input that is kept by a
 * key, and what the script leaves in /mnt/out/answer printed at the end.
 */
const dir = mkdtempSync(join(tmpdir(), 'devbox-command-'));
for (const name of ['input', 'work', 'out']) mkdirSync(join(dir, name));
writeFileSync(join(dir, 'input/question'), 'question');
const environment = await openEnvironment({
  builder: 'docker',
  emit: (event) => event.type === 'notice' && process.stdout.write(`notice: ${event.message}\n`),
  store: openStore(),
  offline: true,
});
for (let round = 1; round <= 2; round += 1) {
  await environment.run({
    argv: ['sh', '-c', process.argv[2] ?? 'true'],
    name: 'command',
    title: 'Running a command',
    onLine: (line) => process.stdout.write(`${line}\n`),
    mounts: [
      { host: join(dir, 'input'), guest: '/mnt/input', mode: 'input', key: 'of the test' },
      { host: join(dir, 'work'), guest: '/mnt/work', mode: 'work' },
      { host: join(dir, 'out'), guest: '/mnt/out', mode: 'output' },
    ],
  });
}
process.stdout.write(readFileSync(join(dir, 'out/answer'), 'utf8'));
rmSync(dir, { recursive: true });
