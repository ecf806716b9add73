import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeForTerminal, LineSplitter } from './escape-bytes.ts';

describe('escapeForTerminal', () => {
  it.each([
    ['\x1b[31mred\x1b[0m', '^[[31mred^[[0m'],
    ['\x1b]0;title\x07', '^[]0;title^G'],
    ['a\rb', 'a^Mb'],
    ['\u009b31m', '\\x9b31m'],
    ['abc\u202edef', 'abc\\u{202e}def'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['\u007f', '^?'],
    ['\ud800', '\\u{d800}'],
  ])('makes %j visible', (text, expected) => expect(escapeForTerminal(text)).toBe(expected));

  it('leaves text, newlines, tabs and other scripts alone', () => {
    const text = 'plain\ttext\nпривет 漢字 🙂';
    expect(escapeForTerminal(text)).toBe(text);
  });

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
        expect(escapeForTerminal(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe('LineSplitter', () => {
  const split = (chunks: readonly string[], limit?: number) => {
    const splitter = new LineSplitter(limit);
    return [...chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk))), ...splitter.end()];
  };

  it('holds an unfinished line back until it is finished or the stream ends', () => {
    expect(split(['a\nb', 'c\r\nd'])).toEqual(['a', 'bc', 'd']);
  });

  it('cuts a line that never ends', () => {
    expect(split(['abcdefgh\nij'], 3)).toEqual(['abc', 'def', 'gh', 'ij']);
  });

  it('keeps every byte however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (chunks) => {
        const whole = chunks.join('').replaceAll('\r\n', '\n').split('\n');
        if (whole.at(-1) === '') whole.pop();
        const clean = (line: string) => line.replace(/\r$/, '');
        expect(split(chunks).map(clean)).toEqual(whole.map(clean));
      }),
    );
  });
});
