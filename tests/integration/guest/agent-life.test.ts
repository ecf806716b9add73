// devbox-test: agent=unloaded timeout=3m
// Origin: ghOSt's agent_test (ExitHandler, FailToBecomeAgent), enclave_test (TxnRegionFree, CleanupLeakedCpus: what one agent
// had is free for the next; DestroyAndSetsched), capabilities_test (BpfProgLoadTwice) and what it says of upgrades.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { agentUnderTest, onlineCpus, readSchedState, startAgent, untilNoScheduler } from 'devbox/guest';
import { startCountedWork } from '../../support/counted-work.ts';

const skip = agentUnderTest() === undefined && 'the suite has no agent';
const work = () => startCountedWork(onlineCpus().length + 1);

/** Threads that change their scheduling class while somebody does something. */
async function amidClassChanges<Result>(act: () => Promise<Result>): Promise<Result> {
  const words = ['departed-race', '--threads', '8', '--rounds', '40'];
  const movers = spawn('/opt/devbox/bin/devbox-workload', words, { stdio: 'ignore' });
  const end = once(movers, 'exit');
  const result = await act();
  assert.deepEqual(await end, [0, null]);
  return result;
}

/** What comes of loading a scheduler while there is one: whichever it is. This one is there soonest. */
async function outcomeOfAnother(): Promise<string> {
  try {
    await using _another = await startAgent('fifo-bpf');
    return 'loaded';
  } catch (error) {
    return /did not load a scheduler/.test(String(error)) ? 'refused' : String(error);
  }
}

test('the next version takes over from the one before while tasks run, sleep and fork, and loses none', {
  skip,
}, async () => {
  await using tasks = work();
  await using first = await startAgent();
  await tasks.untilAllGoOn();
  assert.equal(await outcomeOfAnother(), 'refused');
  assert.equal(readSchedState().state, 'enabled');
  await tasks.untilAllGoOn();
  assert.equal(await amidClassChanges(() => first.stop()), 0);
  await using second = await startAgent();
  await tasks.untilAllGoOn();
  assert.equal(await amidClassChanges(() => second.stop()), 0);
  assert.ok(await untilNoScheduler());
  await tasks.untilAllGoOn();
  await tasks.finish();
});

for (const signal of ['SIGKILL', 'SIGSEGV'] as const)
  test(`an agent that is ended by ${signal} gives the tasks back`, { skip }, async () => {
    await using tasks = work();
    await using agent = await startAgent();
    await tasks.untilAllGoOn();
    await agent.kill(signal);
    assert.ok(await untilNoScheduler());
    await tasks.untilAllGoOn();
    await tasks.finish();
  });
