import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bootSector, EXIT_CODE } from './boot-sector.ts';

describe('the boot sector', () => {
  it('has the size and the signature that firmware looks for', () => {
    expect(bootSector()).toHaveLength(512);
    expect([...bootSector().subarray(510)]).toEqual([0x55, 0xaa]);
  });

  it('ends QEMU with its exit code', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'devbox-boot-'));
    writeFileSync(join(dir, 'boot.img'), bootSector());
    const args = [
      '-nodefaults',
      '-display',
      'none',
      '-no-reboot',
      '-m',
      '32M',
      '-machine',
      'pc',
      '-accel',
      'tcg',
    ];
    const disk = [
      '-drive',
      `file=${join(dir, 'boot.img')},format=raw,if=ide`,
      '-device',
      'isa-debug-exit,iobase=0xf4',
    ];
    const code = await new Promise((resolve) => {
      execFile('qemu-system-x86_64', [...args, ...disk], (error) => resolve(error?.code));
    });
    rmSync(dir, { recursive: true });
    expect(code).toBe(EXIT_CODE);
  });
});
