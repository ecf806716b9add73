import { closeSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs';
import { BULK_DISK_BYTES } from './channel/frame.ts';
import type { BulkSource } from './channel/guest-channel.ts';

/**
 * Makes the file behind the disk through which output in bulk leaves the guest. It takes up only what has been written to
 * it, and goes away with the directory it lies in.
 */
export function createBulkDisk(path: string): BulkSource & Disposable {
  const fd = openSync(path, 'w+', 0o600);
  ftruncateSync(fd, BULK_DISK_BYTES);
  return {
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      // It has just been written, so it is in memory: this is a copy, and no wait.
      for (let at = 0; at < length; ) {
        const got = readSync(fd, bytes, at, length - at, offset + at);
        if (got === 0) throw new RangeError(`${path} ends before ${offset + length}`);
        at += got;
      }
      return bytes;
    },
    [Symbol.dispose]: () => {
      closeSync(fd);
      rmSync(path, { force: true });
    },
  };
}
