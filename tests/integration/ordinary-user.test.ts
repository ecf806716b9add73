import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { devbox, latestRecord } from '../support/devbox.ts';
import { leftovers } from '../support/leftovers.ts';
import { createOrdinaryUser } from '../support/ordinary-user.ts';

const user = createOrdinaryUser();
afterAll(() => user[Symbol.dispose]());

/** Nothing of the user's is left but what is in their home. */
function expectNothingLeft() {
  expect(leftovers(user.options.env.XDG_RUNTIME_DIR ?? '')).toEqual([]);
  expect(user.processes()).toEqual([]);
}

it('an ordinary user runs from nothing, in a checkout that is not theirs, and owns all that comes of it', async () => {
  const before = new Set(readdirSync(tmpdir()));
  const workload = 'mkdir made && echo from the guest > made/file && chmod 600 made/file';
  const run = await devbox(['run', '--smp', '2', '--workload', workload, 'fifo'], user.options);
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(latestRecord(user.home).result).toMatchObject({ verdict: { kind: 'passed' } });

  const file = statSync(join(user.home, 'made/file'));
  expect([file.uid, file.mode & 0o777]).toEqual([user.uid, 0o600]);
  expect(statSync(join(user.home, '.cache/devbox/store')).uid).toBe(user.uid);

  expectNothingLeft();
  const mine = readdirSync(tmpdir()).filter((name) => !before.has(name) && isOwned(name, user.uid));
  expect(mine).toEqual([]);
}, 900_000);

function isOwned(name: string, uid: number): boolean {
  return statSync(join(tmpdir(), name), { throwIfNoEntry: false })?.uid === uid;
}

it('without the right to KVM, asking for it is refused with what to do', async () => {
  const run = await devbox(['exec', '--accel', 'kvm', '--', 'true'], user.options);
  expectNothingLeft();
  // Whoever runs the tests as themselves may well have that right.
  if (user.isNew || run.code !== 0) {
    expect(run.stderr).toMatch(/KVM cannot be used here: .*\/dev\/kvm/);
    expect(run.stderr).toMatch(/hint: sudo (?:usermod -aG kvm|modprobe)/);
    expect(run.code).toBe(69);
  }
});

it('without QEMU, and without the right to install it, the command to type is said', async () => {
  const run = await devbox(['exec', '--', 'true'], user.without(['qemu-system-x86_64', 'sudo']));
  expect(run.stderr).toContain('This machine lacks QEMU.');
  expect(run.stderr).toMatch(/hint: (?:Run: sudo .*qemu|Install with your package manager: QEMU)/);
  expect(run.code).toBe(69);
  expectNothingLeft();
});
