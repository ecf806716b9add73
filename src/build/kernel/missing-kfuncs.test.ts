import fc from 'fast-check';
import { expect, test } from 'vitest';
import { craftBtfFunctions, craftBtfIds } from './crafted-kernel.fixture.ts';
import { findMissingKfuncs } from './missing-kfuncs.ts';

const IMPLICIT = 0x10000;
const SLEEPABLE = 0x20;

/** Functions in this order get the ids from 1 on. */
const NAMES = [
  'scx_bpf_kick_cpu',
  'scx_bpf_now',
  'scx_bpf_create_dsq',
  'scx_bpf_create_dsq_impl',
  'schedule',
];
const btf = craftBtfFunctions(NAMES);

test('a kfunc with implicit arguments and without its twin is missing', () => {
  const ids = craftBtfIds([
    [1, IMPLICIT],
    [2, 0],
    [3, IMPLICIT | SLEEPABLE],
  ]);
  expect(findMissingKfuncs(btf, ids)).toEqual(['scx_bpf_kick_cpu']);
});

test('without implicit arguments no twin is needed, as before Linux 7.0', () => {
  expect(
    findMissingKfuncs(
      btf,
      craftBtfIds([
        [1, 0],
        [2, SLEEPABLE],
        [3, 0],
      ]),
    ),
  ).toEqual([]);
});

test('sets are found among lists of other ids, and a kfunc of two sets is named once', () => {
  const lists = [
    Buffer.alloc(8, 0),
    craftIds(5, 4, 3),
    craftBtfIds([
      [0, 0],
      [1, IMPLICIT],
    ]),
    craftIds(2, 1, 5),
  ];
  const ids = Buffer.concat([...lists, craftBtfIds([[1, IMPLICIT]])]);
  expect(findMissingKfuncs(btf, ids)).toEqual(['scx_bpf_kick_cpu']);
});

test('a structure named like the twin is none', () => {
  const types = craftBtfFunctions(['scx_bpf_kick_cpu'], ['scx_bpf_kick_cpu_impl']);
  expect(findMissingKfuncs(types, craftBtfIds([[1, IMPLICIT]]))).toEqual(['scx_bpf_kick_cpu']);
});

test('a kernel without sets of kfuncs lacks none', () => {
  expect(findMissingKfuncs(btf, Buffer.alloc(0))).toEqual([]);
});

test('of damaged types nothing can be told, and damaged sets never hang or throw', () => {
  expect(findMissingKfuncs(btf.subarray(0, btf.length - 4), Buffer.alloc(0))).toBeUndefined();
  const word = fc.oneof(fc.nat(6), fc.integer({ min: 0, max: 0xffffffff }));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), fc.nat(3), (words, cut) => {
      const bytes = craftIds(...words);
      const missing = findMissingKfuncs(btf, bytes.subarray(0, Math.max(0, bytes.length - cut)));
      expect(missing?.every((name) => NAMES.includes(name))).toBe(true);
    }),
  );
});

function craftIds(...ids: number[]): Buffer {
  const bytes = Buffer.alloc(4 * ids.length);
  for (const [index, id] of ids.entries()) bytes.writeUInt32LE(id, 4 * index);
  return bytes;
}
