import { expect, it } from 'vitest';
import type { DevboxEvent } from '../core/event.ts';
import { createEventBus } from '../core/event-bus.ts';
import { holdBus } from './held-bus.ts';

const line = (text: string) => ({ type: 'console-line', text }) as const;

function rig() {
  const seen: DevboxEvent[] = [];
  let clock = 0;
  const bus = createEventBus([(event) => void seen.push(event)], () => clock);
  const tick = () => {
    clock += 10;
  };
  return { seen, held: holdBus(bus), tick };
}

it('keeps events with the time at which they came, until they are released in their order', () => {
  const { seen, held, tick } = rig();
  held.emit(line('one'));
  tick();
  held.emit(line('two'));
  tick();
  expect(seen).toEqual([]);
  held.release();
  held.emit(line('three'));
  expect(seen).toEqual([
    { ...line('one'), t: 0 },
    { ...line('two'), t: 10 },
    { ...line('three'), t: 20 },
  ]);
});
