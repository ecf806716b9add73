import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { copyCheckout } from '../support/checkout-copy.ts';
import { latestRecord, temporaryDirectory } from '../support/devbox.ts';

const MAX_PEAK_BYTES = 250e6;

/** Whatever is run here is devbox as it is, with a real kernel, and with an enemy as PID 1. */
const checkout = copyCheckout((copy) => {
  const guest = join(copy, 'native/guest');
  for (const name of readdirSync(guest)) if (/\.[ch]$/.test(name)) rmSync(join(guest, name));
  copyFileSync(join(import.meta.dirname, '../support/hostile-init.c'), join(guest, 'main.c'));
});
afterAll(() => checkout[Symbol.dispose]());

/** What the guest does, the verdict that it ends in, and what the verdict says. */
const HARMS: readonly (readonly [harm: string, kind: string, code: number, says: RegExp])[] = [
  ['garbage', 'boot-failed', 106, /broke the protocol/],
  ['console-flood', 'boot-failed', 106, /did not say hello/],
  ['from-the-future', 'boot-failed', 106, /versions 8 to 9/],
  ['not-a-number', 'boot-failed', 106, /HELLO says vcpus/],
  ['oversize', 'infrastructure-failed', 107, /at most 32756 bytes/],
  ['unasked-output', 'infrastructure-failed', 107, /belongs to an exec that runs/],
  ['unasked-replies', 'infrastructure-failed', 107, /a REPLY answers a request/],
  ['beyond-credit', 'infrastructure-failed', 107, /within its credit/],
  ['impossible-exit', 'infrastructure-failed', 107, /exit is a code up to 255/],
  ['closed-early', 'infrastructure-failed', 107, /CLOSED follows EXITED/],
  ['blame', 'infrastructure-failed', 107, /because devbox broke the protocol/],
  ['refuse', 'agent-failed', 101, /could not be started/],
  ['power-off', 'test-failed', 1, /went away by itself/],
  ['exit', 'kernel-panic', 103, /Attempted to kill init/],
  ['false-panic', 'kernel-panic', 103, /evil/],
];

async function run(harm: string) {
  using dir = temporaryDirectory();
  const words = [
    'run',
    '--no-share',
    '--smp',
    '1',
    '--append',
    `hostile=${harm}`,
    '--timeout',
    '10s',
    'fifo',
  ];
  const result = await checkout.run(words, dir.path);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(result.stdout + result.stderr).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  expect(result.peakBytes).toBeLessThan(MAX_PEAK_BYTES);
  const { verdict } = latestRecord(dir.path).result as { verdict: { kind: string; summary: string } };
  return { ...result, verdict };
}

describe('a hostile guest ends in a clear verdict, with bounded memory and nothing raw on standard output', () => {
  it.each(HARMS)('%s: %s', async (harm, kind, code, says) => {
    const result = await run(harm);
    expect(result.verdict, result.stdout + result.stderr).toMatchObject({ kind });
    expect(result.verdict.summary).toMatch(says);
    expect(result.code).toBe(code);
  });

  it('torrent, of all that is allowed and without an end: it is the time that ends it', async () => {
    const { verdict, stdout } = await run('torrent');
    // Guest and devbox together may need more than a small machine has; then nothing is proved, and that is said.
    expect(['test-failed', 'inconclusive'], stdout.slice(-3000)).toContain(verdict.kind);
    expect(verdict.summary).toMatch(/not over after 10/);
    expect(stdout).toContain('^[]0;owned^G^[[31mred');
  });
});
