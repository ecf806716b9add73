import { expect, it } from 'vitest';
import { limitsAt } from './daemon-facts.ts';

it('limits a command to fewer CPUs than a daemon has, and never to more', () => {
  expect(limitsAt({ cpus: 4 }, { cpus: 2, memoryBytes: 1e9 })).toEqual({ cpus: 2, memoryBytes: 1e9 });
  expect(limitsAt({ cpus: 2 }, { cpus: 8, memoryBytes: 1e9 })).toEqual({ memoryBytes: 1e9 });
  expect(limitsAt({ cpus: 2 }, { cpus: 2 })).toEqual({});
});

it('leaves alone what it cannot tell', () => {
  expect(limitsAt({}, { cpus: 8 })).toEqual({ cpus: 8 });
  expect(limitsAt({ cpus: 2 }, undefined)).toBe(undefined);
});
