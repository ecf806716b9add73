import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createOutput } from './output.ts';

describe('an output', () => {
  it('asks to be waited for while its reader is slow, and no longer than that', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    const output = createOutput(stream);
    const waiting = output.write('more than four');
    expect(waiting).toBeInstanceOf(Promise);
    stream.resume();
    await waiting;
    expect(output.write('ok')).toBeUndefined();
  });

  it('says once that its reader has gone, lets go of those who wait, and drops the rest', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    let broken = 0;
    const output = createOutput(stream, () => {
      broken += 1;
    });
    const waiting = output.write('more than four');
    stream.destroy(new Error('EPIPE'));
    await waiting;
    expect(output.write('more than four')).toBeUndefined();
    await output.flush();
    expect(broken).toBe(1);
  });
});
