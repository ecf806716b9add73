import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEVBOX, devbox, temporaryDirectory } from '../support/devbox.ts';
import { leftovers } from '../support/leftovers.ts';
import { openTerminal } from '../support/pseudo-terminal.ts';

it('devbox shell is a terminal in the guest: size, resize, Ctrl-C, exit code; and ours is as it was afterwards', async () => {
  using dir = temporaryDirectory('dbs-');
  chmodSync(dir.path, 0o700);
  const terminal = await openTerminal({
    command: `stty -a > before; '${DEVBOX}' shell --smp 1; echo "exit code $?"; stty -a > after`,
    cwd: dir.path,
    env: { XDG_RUNTIME_DIR: dir.path },
    rows: 31,
    cols: 91,
  });
  await terminal.shows('root@devbox');
  terminal.type('stty size; pwd\r');
  await terminal.shows(`31 91\r\n${dir.path}\r\n`);

  terminal.type('sh -c \'stty -opost; printf "bare\\\\nfeed"; stty opost; echo\'\r');
  await terminal.shows('bare\nfeed\r\n');

  terminal.type(`bash -c "trap 'stty size; exit' WINCH; echo wait''ing; while :; do sleep 0.1; done"\r`);
  await terminal.shows('waiting\r\n');
  await terminal.resize(42, 123);
  await terminal.shows('42 123\r\n');

  terminal.type("sh -c 'echo sleep''ing; exec sleep 1000'\r");
  await terminal.shows('sleeping\r\n');
  terminal.type('\x03');
  await terminal.shows('^C');
  terminal.type('echo "ended by $?"\r');
  await terminal.shows('ended by 130\r\n');

  terminal.type('exit 7\r');
  await terminal.shows('exit code 7');
  await terminal.ended;
  // The size is what we made it; everything else is what it was.
  const settings = (file: string) => readFileSync(join(dir.path, file), 'utf8').replace(/rows.*?;.*?;/, '');
  expect(settings('after')).toBe(settings('before'));
  expect(leftovers(dir.path)).toEqual([]);
});

it('devbox shell without a terminal is refused', async () => {
  using dir = temporaryDirectory();
  const run = await devbox(['shell'], { cwd: dir.path });
  expect(run.stderr).toMatch(/needs a terminal.*\n.*devbox exec/);
  expect(run.code).toBe(64);
});
