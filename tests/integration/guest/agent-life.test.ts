// devbox-test: agent=none timeout=2m
// What ghOSt's agent_test and enclave_test verify: agents come, go, crash and follow one another, and tasks live on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertNoStarvation,
  onlineCpus,
  readSchedState,
  spawnLoad,
  startAgent,
  untilNoScheduler,
} from 'devbox/guest';

const AGENT = process.env.DEVBOX_TEST_AGENT ?? 'fifo';
const work = () => spawnLoad({ processes: onlineCpus().length, nice: 19 });
const goesOn = (pids: readonly number[]) => assertNoStarvation(pids, { withinMs: 2000, forMs: 2000 });

test('an agent attaches and detaches again and again while others work', async () => {
  await using load = work();
  for (let time = 0; time < 3; time += 1) {
    const agent = await startAgent(AGENT);
    assert.equal(readSchedState().state, 'enabled');
    assert.equal(await agent.stop(), 0);
    assert.ok(await untilNoScheduler());
  }
  await goesOn(load.pids);
});

test('an agent that is killed gives the tasks back', async () => {
  await using load = work();
  const agent = await startAgent(AGENT);
  await agent.kill();
  assert.ok(await untilNoScheduler());
  await goesOn(load.pids);
});

test('a second agent takes over from the first and loses no task', async () => {
  await using load = work();
  const first = await startAgent(AGENT);
  await first.stop();
  await using _second = await startAgent(AGENT);
  await goesOn(load.pids);
  assert.equal(readSchedState().state, 'enabled');
});
