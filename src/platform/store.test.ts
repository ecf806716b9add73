import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStore, type Store } from './store.ts';
import { keyOf } from './store-key.ts';
import { temporaryName } from './store-temporary.ts';

let dir: string;
let store: Store;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-store-'));
  store = openStore({ dir });
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const key = keyOf({ name: 'one' });
const writes = (text: string) => async (to: string) => {
  mkdirSync(join(to, 'sub'));
  writeFileSync(join(to, 'sub', 'file'), text);
  return { meta: { release: '7.2' } };
};
const obtain = (text: string, more: object = {}) =>
  store.obtain({ kind: 'kernel', key, make: writes(text), ...more });

test('an artifact is made once and then found', async () => {
  expect(await store.lookup('kernel', key)).toBeUndefined();
  const first = await obtain('first');
  const second = await obtain('second');
  expect([first.cached, second.cached]).toEqual([false, true]);
  expect(readFileSync(join(second.entry.dir, 'sub/file'), 'utf8')).toBe('first');
  expect(second.entry.meta).toEqual({ release: '7.2' });
  expect(await store.lookup('kernel', key)).toEqual(second.entry);
});

test('of two that want the same artifact at once, one makes it and the other waits for that', async () => {
  const make = vi.fn(writes('once'));
  const results = await Promise.all([0, 1, 2].map(() => store.obtain({ kind: 'kernel', key, make })));
  expect(make).toHaveBeenCalledTimes(1);
  expect(results.filter(({ cached }) => cached)).toHaveLength(2);
});

test.each([
  ['of the same size', (file: string) => writeFileSync(file, 'FIRST'), /digest of sub\/file/],
  ['that is longer', (file: string) => appendFileSync(file, '!'), /6 bytes instead of 5/],
  ['that is gone', (file: string) => rmSync(file), /sub\/file is missing/],
])('a damaged artifact %s is made anew and the damage named', async (_what, damage, named) => {
  const { entry } = await obtain('first');
  damage(join(entry.dir, 'sub/file'));
  const onDamage = vi.fn();
  const again = await obtain('anew', { onDamage });
  expect(again.cached).toBe(false);
  expect(onDamage.mock.calls).toEqual([[expect.stringMatching(named)]]);
  expect(readFileSync(join(again.entry.dir, 'sub/file'), 'utf8')).toBe('anew');
});

test('damage is found although the modification time was put back', async () => {
  const { entry } = await obtain('first');
  const file = join(entry.dir, 'sub/file');
  const then = new Date(2020, 1, 1);
  utimesSync(file, then, then);
  expect(await store.lookup('kernel', key)).toBeDefined();
  writeFileSync(file, 'FIRST');
  utimesSync(file, then, then);
  expect(await store.lookup('kernel', key)).toBeUndefined();
});

test.each(['', '{', 'null', '{"schema":1}', '{"schema":1,"files":[{}]}'])(
  'a manifest that says %j is damage, not an error',
  async (text) => {
    const { entry } = await obtain('first');
    writeFileSync(join(entry.dir, 'manifest.json'), text);
    expect((await obtain('anew')).cached).toBe(false);
  },
);

test('a maker that fails leaves nothing behind', async () => {
  const make = async (to: string) => {
    writeFileSync(join(to, 'half'), 'x');
    throw new Error('no');
  };
  await expect(store.obtain({ kind: 'kernel', key, make })).rejects.toThrow('no');
  expect(readdirSync(join(dir, 'kernel'))).toEqual([]);
});

test('a full disk is said with the place and the room needed', async () => {
  const make = async () => {
    throw Object.assign(new Error('write failed'), { code: 'ENOSPC' });
  };
  const failing = store.obtain({ kind: 'kernel', key, make, needs: 1024 });
  await expect(failing).rejects.toMatchObject({ kind: 'infrastructure', code: 'disk-full' });
  await expect(failing).rejects.toThrow(/1\.0 KiB needed/);
});

test('work that cannot fit is not begun', async () => {
  const make = vi.fn();
  const failing = store.obtain({ kind: 'kernel', key, make, needs: 2 ** 60 });
  await expect(failing).rejects.toMatchObject({ code: 'disk-full' });
  expect(make).not.toHaveBeenCalled();
});

test('what a dead process left half-made is swept, what a living one makes is not', async () => {
  const mine = temporaryName();
  const dead = temporaryName().replace(/^\.tmp-\d+-\d+/, `.tmp-${process.pid}-1`);
  for (const name of [mine, dead]) mkdirSync(join(dir, 'kernel', name), { recursive: true });
  await obtain('first');
  expect(readdirSync(join(dir, 'kernel')).sort()).toEqual([mine, key].sort());
});

test('the least recently used goes first, and what a living process uses stays', async () => {
  const make = writes('x'.repeat(10_000));
  const made = [];
  for (const name of ['a', 'b', 'c']) {
    made.push((await store.obtain({ kind: 'kernel', key: keyOf({ name }), make })).entry);
  }
  const [a, b, c] = made.map((entry) => entry.key);
  for (const [index, entry] of made.entries()) utimesSync(join(entry.dir, 'used'), index + 1, index + 1);
  // This process used all three; let only `a` be in use, and by this process.
  const lease = join(dir, '.leases', readdirSync(join(dir, '.leases'))[0] ?? '');
  writeFileSync(lease, `kernel/${a}\n`);
  const size = made[0]?.bytes ?? 0;
  const result = await store.gc({ keepBytes: 2 * size });
  expect(result.removed.map((entry) => entry.key)).toEqual([b]);
  expect(result.freedBytes).toBe(size);
  expect(store.list().map((entry) => [entry.key, entry.inUse])).toEqual([
    [a, true],
    [c, false],
  ]);
});

test('a collection of one kind leaves the others alone, and does not count them', async () => {
  const make = writes('x'.repeat(10_000));
  for (const kind of ['kernel', 'template']) await store.obtain({ kind, key, make });
  writeFileSync(join(dir, '.leases', readdirSync(join(dir, '.leases'))[0] ?? ''), '');
  const { removed } = await store.gc({ kind: 'template', keepBytes: 0 });
  expect(removed.map(({ kind }) => kind)).toEqual(['template']);
  expect(store.list().map(({ kind }) => kind)).toEqual(['kernel']);
});

test('a tree is looked at when asked, and any change in it is found', async () => {
  const make = async (to: string) => {
    mkdirSync(join(to, 'root/etc'), { recursive: true });
    writeFileSync(join(to, 'root/etc/name with "quotes"\n'), 'x');
    return { trees: ['root'] };
  };
  const { entry } = await store.obtain({ kind: 'build-root', key, make });
  expect(store.checkTrees(entry)).toBeUndefined();
  await store.dropDamaged(entry);
  expect(existsSync(entry.dir)).toBe(true);
  writeFileSync(join(entry.dir, 'root/etc/new'), '');
  expect(store.checkTrees(entry)).toMatch(/new.* was added/);
  await store.dropDamaged(entry);
  expect(existsSync(entry.dir)).toBe(false);
});

test('the order of names does not change a key, their values do', () => {
  expect(keyOf({ a: 1, b: ['x', { c: null, d: true }] })).toBe(
    keyOf({ b: ['x', { d: true, c: null }], a: 1 }),
  );
  expect(keyOf({ a: 1 })).not.toBe(keyOf({ a: '1' }));
});
