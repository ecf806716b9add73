import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('counted-work.sh', import.meta.url));
const MORE_ROUNDS = 3;
/** A slow host is no fault: what is lost never comes back. */
const LOST_MS = 60_000;

interface Tally {
  readonly rounds: number;
  /** That ended as they should, one in each round. */
  readonly children: number;
}

/** In a guest: processes that compute, fork and sleep, and count it all, so that nothing is lost unnoticed. */
export interface CountedWork extends AsyncDisposable {
  /** Waits until each has done some more; fails with the one that does not. */
  untilAllGoOn(): Promise<void>;
  /** Ends them; fails with the one that lost a child, or did not end well. */
  finish(): Promise<void>;
}

export function startCountedWork(processes: number): CountedWork {
  const workers = Array.from({ length: processes }, startWorker);
  return {
    untilAllGoOn: async () => void (await Promise.all(workers.map((worker) => worker.untilItGoesOn()))),
    finish: async () => {
      for (const worker of workers) {
        const { rounds, children } = await worker.finish();
        assert.equal(children, rounds, `process ${worker.pid} lost children`);
      }
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(workers.map((worker) => worker.kill()))),
  };
}

function startWorker() {
  const child = spawn(PROGRAM, { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const waiting = new Set<() => void>();
  let tally: Tally = { rounds: 0, children: 0 };
  createInterface(child.stdout).on('line', (text) => {
    const [rounds = Number.NaN, children = Number.NaN] = text.split(' ').map(Number);
    tally = { rounds, children };
    for (const look of waiting) look();
  });
  const untilItGoesOn = async () => {
    const enough = tally.rounds + MORE_ROUNDS;
    const { promise, resolve } = Promise.withResolvers<'there'>();
    const look = () => tally.rounds >= enough && resolve('there');
    waiting.add(look);
    using late = abortable();
    const first = await Promise.race([promise, gone.then(() => 'gone'), sleep(LOST_MS, 'lost', late)]);
    waiting.delete(look);
    assert.equal(first, 'there', `process ${child.pid}, after ${tally.rounds} rounds`);
  };
  const finish = async () => {
    child.stdin.end();
    using late = abortable();
    const first = await Promise.race([gone, sleep(LOST_MS, 'lost', late)]);
    assert.deepEqual(first, [0, null], `process ${child.pid}, after ${tally.rounds} rounds`);
    return tally;
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await gone;
  };
  return { pid: child.pid, untilItGoesOn, finish, kill };
}

/** Options of a timer that is given up at the end of the block. */
function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() };
}
