import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ProcessExit } from '../../core/event.ts';
import { createEventBus } from '../../core/event-bus.ts';
import { createFirstCause } from '../guest/first-cause.ts';
import { stopAgent } from './stop-agent.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An agent that ends at the signal named, or at none. */
function agent(endsAt?: 'SIGINT' | 'SIGKILL') {
  const said: unknown[] = [];
  const { promise: done, resolve } = Promise.withResolvers<ProcessExit>();
  const cause = createFirstCause(new AbortController().signal);
  const hung = () => Promise.reject(new Error('no answer'));
  const stopped = stopAgent({
    ...{ name: 'fifo', done, bus: createEventBus([]) },
    process: {
      signal: async (signal) => {
        said.push(signal);
        if (signal === endsAt) resolve({ code: 0 });
      },
    },
    guest: {
      ...{ cause, scale: (ms: number) => 5 * ms },
      vm: { channel: { writeFile: hung, readFile: hung }, console: {}, spec: { accel: 'tcg' } } as never,
    },
  });
  stopped.catch(() => {});
  return { said, stopped, cause };
}

it('asks first, and kills what does not listen', async () => {
  const good = agent('SIGINT');
  await good.stopped;
  expect(good.said).toEqual(['SIGINT']);
  const deaf = agent('SIGKILL');
  await vi.advanceTimersByTimeAsync(25_000);
  await deaf.stopped;
  expect(deaf.said).toEqual(['SIGINT', 'SIGKILL']);
});

it('gives up the guest in which even that does not end it', async () => {
  const { stopped, cause } = agent();
  await vi.advanceTimersByTimeAsync(60_000);
  await expect(stopped).rejects.toMatchObject({
    code: 'guest-hang',
    message: expect.stringContaining('fifo'),
  });
  expect(cause.failure).toMatchObject({ code: 'guest-hang' });
});

it('stops waiting when the run is stopped', async () => {
  const { stopped, cause } = agent();
  const failure = Object.assign(new Error('gone'), {});
  await vi.advanceTimersByTimeAsync(100);
  cause.stop(failure as never);
  await expect(stopped).rejects.toBe(failure);
});
