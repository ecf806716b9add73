import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { copyCheckout } from '../support/checkout-copy.ts';
import { latestRecord, temporaryDirectory } from '../support/devbox.ts';

/** After a good beginning, every frame that this devbox sends is spoilt in the way that HARM says. */
const SPOIL = `
let sent = 0;
function spoilt(frame: Buffer): Buffer {
  sent += 1;
  if (sent < 6) return frame;
  switch (process.env.HARM) {
    case 'type':
      frame.writeUInt8(0x77, 4);
      return frame;
    case 'flags':
      frame.writeUInt8(1, 5);
      return frame;
    case 'length':
      frame.writeUInt32LE(0x7fffffff, 0);
      return frame;
    default:
      return Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 2_654_435_761) >>> 24));
  }
}
`;

const checkout = copyCheckout((copy) => {
  const file = join(copy, 'src/vm/channel/frame.ts');
  const source = readFileSync(file, 'utf8');
  const changed = source.replace(/return frame;/, 'return spoilt(frame);');
  expect(changed).not.toBe(source);
  writeFileSync(file, changed);
  appendFileSync(file, SPOIL);
});
afterAll(() => checkout[Symbol.dispose]());

describe('PID 1 of a real guest ends the connection with a devbox that breaks the protocol, and says which rule', () => {
  it.each([
    ['type', /type/i],
    ['flags', /flags|reserved/i],
    ['length', /payload|length|bytes/i],
    ['noise', /./],
  ])('%s', async (harm, rule) => {
    using dir = temporaryDirectory();
    const words = ['run', '--no-share', '--smp', '1', '--workload', 'sleep 60', 'fifo'];
    const run = await checkout.run(words, dir.path, { HARM: harm });
    const record = latestRecord(dir.path);
    const { verdict } = record.result as { verdict: { kind: string; summary: string } };
    expect(verdict.kind, run.stdout).toBe('infrastructure-failed');
    const [, said = ''] = /because devbox broke the protocol: (.*)\.$/.exec(verdict.summary) ?? [];
    expect(said, verdict.summary).toMatch(rule);
    expect(run.code).toBe(107);
    // It went down in order: PID 1 did not die of it.
    expect(record.read('console.log')).not.toMatch(/Kernel panic|segfault/);
  });
});
