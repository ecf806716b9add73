import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import type { BuildEnvironment, EnvironmentCommand } from '../environment/environment.ts';
import { resolveDebianSource } from './debian-source.ts';
import { parseListing, readSourceAnswer, writeSourceAnswer } from './debian-source-answer.ts';
import { type SourceRig, sourceRig, TINY_KERNEL, writeTree } from './source-context.fixture.ts';

const DIGESTS = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string];
const LISTING = `Package: linux-source-6.12
Version: 6.12.117-1
Size: 153474904
SHA256: ${DIGESTS[0]}

Package: linux-source-6.12
Version: 6.12.94-1
Size: 152600404
SHA256: ${DIGESTS[1]}

Package: linux-source-6.12
Version: 6.12.90-1

Known: linux-source-6.12
Known: linux-source
`;
const SPEC = { kind: 'debian-source', package: 'linux-source-6.12', suite: 'trixie' } as const;
const DAY_MS = 24 * 3600 * 1000;

let rig: SourceRig;
let commands: EnvironmentCommand[];
let listing: string | Failure;
beforeEach(() => {
  commands = [];
  listing = LISTING;
  rig = sourceRig({ environment: async () => environment });
});
afterEach(() => rig[Symbol.dispose]());

/** Stands for Debian's mirror. */
const environment: BuildEnvironment = {
  builder: 'embedded',
  image: 'none',
  toolchain: { digest: '', packages: {} },
  run: async (command) => {
    commands.push(command);
    if (command.name === 'source-list') {
      if (listing instanceof Failure) throw listing;
      return { stdout: listing, log: '' };
    }
    const out = command.mounts.find(({ guest }) => guest === '/mnt/out')?.host as string;
    mkdirSync(join(out, 'tree'));
    writeTree(join(out, 'tree'), TINY_KERNEL);
    writeFileSync(join(out, 'epoch'), '1794475820\n');
    command.onLine?.('unpacking');
    return { stdout: '', log: '' };
  },
};

const resolve = (spec: Parameters<typeof resolveDebianSource>[0] = SPEC, context = {}) =>
  resolveDebianSource(spec, { ...rig.context, ...context });
const asked = () => commands.filter(({ name }) => name === 'source-list').length;
const age = (days: number) =>
  writeSourceAnswer(SPEC, {
    ...(readSourceAnswer(SPEC) ?? { versions: [] }),
    askedAt: Date.now() - days * DAY_MS,
  });

describe('which version', () => {
  it('is the newest, asked for once a week', async () => {
    const { pin, title } = await resolve();
    expect(title).toBe('linux-source-6.12 6.12.117-1');
    expect(pin).toMatchObject({ version: '6.12.117-1', sha256: DIGESTS[0] });
    await resolve();
    expect(asked()).toBe(1);
    age(8);
    await resolve();
    expect(asked()).toBe(2);
  });

  it('is the one known when the mirror does not answer, with a warning, and the next hour nobody asks again', async () => {
    const { key } = await resolve();
    age(8);
    listing = new Failure({ kind: 'build', code: 'source-lists-failed', message: 'No answer.' });
    expect((await resolve()).key).toBe(key);
    expect(rig.events).toEqual([expect.objectContaining({ type: 'notice', level: 'warning' })]);
    await resolve();
    expect(asked()).toBe(2);
  });

  it('is the one known offline, however old, and nobody is asked', async () => {
    await expect(resolve(SPEC, { offline: true })).rejects.toThrow(/Which version of linux-source-6\.12/);
    const { key } = await resolve();
    age(80);
    expect((await resolve(SPEC, { offline: true })).key).toBe(key);
    expect(asked()).toBe(1);
  });

  it('is the one asked for, and what there is instead when there is none such', async () => {
    expect((await resolve({ ...SPEC, version: '6.12.94-1' })).pin.sha256).toBe(DIGESTS[1]);
    const missing = resolve({ ...SPEC, version: '6.12.1-1' });
    await expect(missing).rejects.toMatchObject({
      code: 'no-such-source',
      hint: 'It has: 6.12.117-1, 6.12.94-1.',
    });
  });

  it('is what devbox.lock says, whatever is newer', async () => {
    const pin = (await resolve({ ...SPEC, version: '6.12.94-1' })).pin;
    commands = [];
    expect((await resolve(SPEC, { pin })).pin).toEqual(pin);
    expect(commands).toEqual([]);
    const other = resolve({ ...SPEC, package: 'linux-source-7.2' }, { pin });
    await expect(other).rejects.toThrow(/package was linux-source-6\.12 and is linux-source-7\.2/);
  });
});

it('names the nearest package when there is none of that name', async () => {
  const missing = resolve({ ...SPEC, package: 'linux-source-6.13' });
  await expect(missing).rejects.toThrow("Debian's trixie has no package linux-source-6.13.");
  await expect(missing).rejects.toMatchObject({
    hint: expect.stringContaining('Did you mean linux-source-6.12?'),
  });
});

it.each([
  { ...SPEC, package: 'linux-source-6.12; rm -rf /' },
  { ...SPEC, suite: '../trixie' },
  { ...SPEC, version: '-o=x' },
])('refuses names that Debian cannot have: %o', async (spec) => {
  await expect(resolve(spec)).rejects.toMatchObject({ kind: 'usage', code: 'no-such-source' });
});

it('fetches and unpacks once, and keeps version and epoch', async () => {
  const { obtain, key } = await resolve();
  await using source = await obtain();
  expect(source).toMatchObject({ key, version: '6.12.7', epoch: 1_794_475_820, incremental: false });
  await using again = await (await resolve(SPEC, { offline: true })).obtain();
  expect(again.dir).toBe(source.dir);
  expect(commands.map(({ name }) => name)).toEqual(['source-list', 'source-fetch']);
  expect(rig.said).toContain('unpacking linux-source-6.12 6.12.117-1');
});

it('makes it anew when someone wrote to the tree in the store', async () => {
  const { obtain } = await resolve();
  const { dir } = await obtain();
  writeFileSync(join(dir, 'Kconfig'), 'changed by someone\n');
  await obtain();
  expect(commands.filter(({ name }) => name === 'source-fetch')).toHaveLength(2);
  expect(rig.events).toEqual([expect.objectContaining({ message: expect.stringContaining('is damaged') })]);
});

it('says offline what would have been fetched', async () => {
  await resolve();
  const { obtain } = await resolve(SPEC, { offline: true });
  await expect(obtain()).rejects.toMatchObject({ code: 'offline' });
  await expect(obtain()).rejects.toThrow('linux-source-6.12 6.12.117-1 is not here');
});

it('reads only whole stanzas of the package, and every version once', () => {
  expect(
    parseListing(`${LISTING}\n${LISTING}`, 'linux-source-6.12').versions.map(({ version }) => version),
  ).toEqual(['6.12.117-1', '6.12.94-1']);
});
