import { describe, expect, it } from 'vitest';
import { isNewEnough, parseQemuVersion } from './qemu-version.ts';

describe("QEMU's version", () => {
  it.each([
    ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)', '7.2.22', true],
    ['QEMU emulator version 10.0.13 (Debian)', '10.0.13', true],
    ['QEMU emulator version 7.1.0', '7.1.0', false],
    ['QEMU emulator version 6.2', '6.2', false],
  ])('is read from %j', (text, version, enough) => {
    const found = parseQemuVersion(text);
    expect(found?.text).toBe(version);
    expect(found && isNewEnough(found)).toBe(enough);
  });

  it('is unknown when QEMU says something else', () => {
    expect(parseQemuVersion('Segmentation fault')).toBeUndefined();
  });
});
