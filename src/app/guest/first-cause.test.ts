import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { createFirstCause } from './first-cause.ts';

const failure = (message: string) => new Failure({ kind: 'guest', code: 'x', message });

describe('the cause that a run stops for', () => {
  it('is the first one, whatever follows', () => {
    const cause = createFirstCause(new AbortController().signal);
    cause.stop(failure('first'));
    cause.stop(failure('second'));
    expect([cause.failure?.message, cause.signal.aborted]).toEqual(['first', true]);
  });

  it('is one that is known, also when it takes a while to tell it', async () => {
    const cause = createFirstCause(new AbortController().signal);
    const told = Promise.withResolvers<Failure>();
    cause.stopWith(told.promise);
    cause.stop(failure('second'));
    expect(cause.signal.aborted).toBe(false);
    told.resolve(failure('first'));
    await expect.poll(() => cause.failure?.message).toBe('first');
    expect(cause.signal.aborted).toBe(true);
  });

  it('is that of who asked to stop, at once', () => {
    const outer = new AbortController();
    const cause = createFirstCause(outer.signal);
    cause.stopWith(new Promise(() => {}));
    outer.abort(failure('cancelled'));
    expect([cause.failure?.message, cause.signal.aborted]).toEqual(['cancelled', true]);
  });
});
