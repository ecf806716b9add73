import { expect, test, vi } from 'vitest';
import { chooseKernel, type Examination, gapsNotice, rejectedNotice } from './choose-kernel.ts';

const release = (version: string) => `${version}+deb13-cloud-amd64`;
const kernels = (...versions: string[]) =>
  versions.map((version) => ({ release: release(version), packages: [] }));
const whole: Examination = { isSchedExt: true, missingKfuncs: [] };
const lacks = (...missingKfuncs: string[]): Examination => ({ isSchedExt: true, missingKfuncs });

function choose(examinations: Readonly<Record<string, Examination>>) {
  const examine = vi.fn((kernel: { release: string }) =>
    Promise.resolve(examinations[kernel.release.replace(/\+.*/, '')] as Examination),
  );
  return { examine, choice: chooseKernel(kernels(...Object.keys(examinations)), examine) };
}

test('the newest is taken when it is whole, and no other is looked at', async () => {
  const { choice, examine } = choose({ '7.2.12': whole, '7.2.11': whole });
  expect(await choice).toMatchObject({ kernel: { release: release('7.2.12') }, rejected: [] });
  expect(examine).toHaveBeenCalledTimes(1);
});

test('incomplete ones are passed over, and remembered with what they lack', async () => {
  const { choice } = choose({
    '7.2.12': lacks('a', 'b'),
    '7.2.11': lacks('c'),
    '6.18.15': whole,
    '6.17': whole,
  });
  expect(await choice).toMatchObject({
    kernel: { release: release('6.18.15') },
    rejected: [
      { release: release('7.2.12'), missingKfuncs: ['a', 'b'] },
      { release: release('7.2.11'), missingKfuncs: ['c'] },
    ],
  });
});

test('where none is whole it is the one with the fewest gaps, of equals the newest', async () => {
  const { choice } = choose({
    '7.4': lacks('a', 'b'),
    '7.3': lacks('a'),
    '7.2': lacks('b'),
    '7.1': lacks('a', 'b'),
  });
  expect(await choice).toMatchObject({
    kernel: { release: release('7.3') },
    rejected: [{ release: release('7.4') }],
  });
});

test('kernels without sched_ext do not count; what cannot be told is held against none', async () => {
  const without: Examination = { isSchedExt: false, missingKfuncs: [] };
  const unknown: Examination = { isSchedExt: true, missingKfuncs: undefined };
  expect(await choose({ '7.2': without, '7.1': unknown }).choice).toMatchObject({
    kernel: { release: release('7.1') },
    rejected: [],
  });
  expect(await choose({ '7.2': without }).choice).toBeUndefined();
});

test('the notice says what was skipped and why, what is used, and how to have the newest', async () => {
  const [kernel] = kernels('6.18.15');
  const choice = {
    kernel: kernel as NonNullable<typeof kernel>,
    rejected: [
      { release: release('7.2.12'), missingKfuncs: ['scx_a', 'scx_b', 'scx_c', 'scx_d'] },
      { release: release('7.2.11'), missingKfuncs: ['scx_a'] },
    ],
  };
  expect(rejectedNotice(choice)).toEqual({
    type: 'notice',
    level: 'info',
    message:
      'Linux 7.2.12 is skipped: its BTF lacks 4 kfuncs (scx_a_impl, scx_b_impl, scx_c_impl, …), ' +
      'schedulers that call them cannot load. So is 7.2.11 (1). Using 6.18.15.',
    hint: 'To boot it all the same: --kernel debian:7.2.12',
  });
  expect(rejectedNotice({ ...choice, rejected: [] })).toBeUndefined();
});

test('a kernel with gaps is warned of, a whole one and one that could not be read are not', () => {
  expect(gapsNotice('7.2.12', ['scx_a'])).toMatchObject({
    level: 'warning',
    message: 'Linux 7.2.12: its BTF lacks 1 kfunc (scx_a_impl), schedulers that call it cannot load.',
  });
  expect(gapsNotice('7.2.12', [])).toBeUndefined();
  expect(gapsNotice('7.2.12', undefined)).toBeUndefined();
});
