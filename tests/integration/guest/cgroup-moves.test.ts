import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertNoStarvation, onlineCpus, spawnLoad } from 'devbox/guest';

const TOP = '/sys/fs/cgroup';
const GROUPS = ['devbox-test-a', 'devbox-test-b'].map((name) => `${TOP}/${name}`);
const MOVES = 50;

test('processes that are moved between cgroups go on', async () => {
  for (const group of GROUPS) mkdirSync(group);
  try {
    await using load = spawnLoad({ processes: onlineCpus().length + 1 });
    for (let move = 0; move < MOVES; move += 1) {
      for (const pid of load.pids) writeFileSync(`${GROUPS[move % GROUPS.length]}/cgroup.procs`, String(pid));
    }
    await assertNoStarvation(load.pids, { withinMs: 2000, forMs: 4000 });
    for (const pid of load.pids) writeFileSync(`${TOP}/cgroup.procs`, String(pid));
  } finally {
    for (const group of GROUPS) rmdirSync(group);
  }
});
