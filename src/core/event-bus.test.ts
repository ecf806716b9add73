import { describe, expect, it } from 'vitest';
import type { DevboxEvent } from './event.ts';
import { createEventBus } from './event-bus.ts';

const notice = (message: string) => ({ type: 'notice', level: 'info', message }) as const;

describe('createEventBus', () => {
  it('stamps events with the time since the run began and hands them to every consumer in order', () => {
    const seen: DevboxEvent[][] = [[], []];
    let clock = 100;
    const bus = createEventBus([(event) => void seen[0]?.push(event)], () => clock);
    bus.subscribe((event) => void seen[1]?.push(event));
    clock = 107.5;
    bus.emit(notice('first'));
    bus.emit(notice('second'));
    expect(seen[0]).toEqual([
      { t: 7.5, ...notice('first') },
      { t: 7.5, ...notice('second') },
    ]);
    expect(seen[1]).toEqual(seen[0]);
  });

  it('lets a producer wait for the slowest consumer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const bus = createEventBus([() => promise]);
    bus.emit(notice('bulk'));
    let drained = false;
    const drain = bus.drain().then(() => {
      drained = true;
    });
    await Promise.resolve();
    expect(drained).toBe(false);
    resolve();
    await drain;
    expect(drained).toBe(true);
  });

  it('tells the producer of a consumer that failed', async () => {
    const bus = createEventBus([() => Promise.reject(new Error('disk full'))]);
    bus.emit(notice('lost'));
    await expect(bus.drain()).rejects.toThrow('disk full');
  });

  it('hands on nothing after the run has finished', () => {
    const seen: string[] = [];
    const bus = createEventBus([({ type }) => void seen.push(type)]);
    bus.emit({ type: 'run-finished', exitCode: 0, record: '.' });
    bus.emit(notice('late'));
    expect(seen).toEqual(['run-finished']);
  });
});
