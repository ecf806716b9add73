import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { devbox, latestRecord } from '../support/devbox.ts';
import { leftovers } from '../support/leftovers.ts';
import { createOrdinaryUser } from '../support/ordinary-user.ts';

it('an ordinary user runs from nothing, in a checkout that is not theirs, and owns all that comes of it', async () => {
  using user = createOrdinaryUser();
  const before = new Set(readdirSync(tmpdir()));
  const workload = 'mkdir made && echo from the guest > made/file && chmod 600 made/file';
  const run = await devbox(['run', '--smp', '2', '--workload', workload, 'fifo'], user.options);
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(latestRecord(user.home).result).toMatchObject({ verdict: { kind: 'passed' } });

  const file = statSync(join(user.home, 'made/file'));
  expect([file.uid, file.mode & 0o777]).toEqual([user.uid, 0o600]);
  expect(statSync(join(user.home, '.cache/devbox/store')).uid).toBe(user.uid);

  expect(leftovers(user.options.env.XDG_RUNTIME_DIR ?? '')).toEqual([]);
  expect(user.processes()).toEqual([]);
  const mine = readdirSync(tmpdir()).filter((name) => !before.has(name) && isOwned(name, user.uid));
  expect(mine).toEqual([]);
}, 900_000);

function isOwned(name: string, uid: number): boolean {
  return statSync(join(tmpdir(), name), { throwIfNoEntry: false })?.uid === uid;
}
