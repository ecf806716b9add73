import { expect, it } from 'vitest';
import { exitFailure } from './death.ts';

const end = { exit: { code: 0 }, words: [], shutdownReason: undefined };

it('blames the guest when it switched itself off, and the host when that ended QEMU', () => {
  expect(exitFailure({ ...end, shutdownReason: 'guest-shutdown' })).toMatchObject({ code: 'guest-gone' });
  expect(exitFailure({ ...end, shutdownReason: 'host-signal' })).toMatchObject({
    kind: 'infrastructure',
    code: 'qemu-ended',
  });
});
