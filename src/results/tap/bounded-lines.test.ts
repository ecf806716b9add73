import { describe, expect, it } from 'vitest';
import { BoundedLines } from './bounded-lines.ts';

function lines(chunks: readonly (Uint8Array | string)[], limit = 10): string[] {
  const splitter = new BoundedLines(limit);
  return [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()];
}

describe('lines of a stream', () => {
  it('are the same however the stream was cut, also within a character', () => {
    const bytes = Buffer.from('añ𝄞\r\n\nzz');
    expect(lines([bytes])).toEqual(['añ𝄞', '', 'zz']);
    expect(lines(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(['añ𝄞', '', 'zz']);
    expect(lines(['a', 'ñ\ud834', '\udd1e\r', '\n', '\nzz'])).toEqual(['añ𝄞', '', 'zz']);
  });

  it('lose the rest when they are too long, and the next line is whole', () => {
    expect(lines(['0123456789', 'not seen', '\nok\n'])).toEqual(['0123456789', 'ok']);
    expect(lines(['012345678\ud834\udd1e\n'])).toEqual(['012345678\ufffd']);
  });

  it('hold no more than the limit of a stream without a newline', () => {
    const chunk = Buffer.alloc(2 ** 20, 'x');
    const splitter = new BoundedLines(100);
    for (let count = 0; count < 64; count += 1) expect([...splitter.push(chunk)]).toEqual([]);
    expect([...splitter.end()]).toEqual(['x'.repeat(100)]);
  });
});
