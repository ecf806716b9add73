import { expect, it } from 'vitest';
import { RELAY_FLAGS } from '../agent-flags.ts';
import { splitFlags } from './split-flags.ts';

it("takes the flags of the way to the kernel out of a policy's command line, in either form", () => {
  const argv = ['--slice', '5ms', '--mode=full', '--stall', '1s', '--latency=2ms', '--metrics', 'json'];
  expect(splitFlags(RELAY_FLAGS, argv)).toEqual({
    ours: ['--mode=full', '--stall', '1s', '--metrics', 'json'],
    others: ['--slice', '5ms', '--latency=2ms'],
  });
});

it('leaves what is no flag, or unknown, to whoever refuses it', () => {
  expect(splitFlags(RELAY_FLAGS, ['word', '--slise'])).toEqual({ ours: [], others: ['word', '--slise'] });
});
