import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { Failure } from '../core/failure.ts';
import { runChild } from '../platform/child.ts';

/**
 * Our end of the guest's serial port. Two named pipes and not a socket: QEMU writes a byte at a time, of which a Unix
 * socket holds some 250; what does not fit while we are busy the guest's UART loses. A pipe holds 64 KiB.
 */
export interface ConsolePipe extends Disposable {
  /** What the guest prints; ends when QEMU has closed its end. */
  readonly output: Readable;
  /** Types a key. */
  type(key: string): void;
  /** QEMU has ended: what is still in the pipe is the last there is, also when it never came to open it. */
  finish(): void;
}

/** Makes `path`.in and `path`.out, which QEMU opens when it is told `-chardev pipe,path=…`. */
export async function openConsolePipe(path: string): Promise<ConsolePipe> {
  const pipes = { in: `${path}.in`, out: `${path}.out` };
  const { exit, stderr } = await runChild({ argv: ['mkfifo', '--mode=0600', pipes.in, pipes.out] });
  if (exit.code !== 0) {
    throw new Failure({
      kind: 'infrastructure',
      code: 'console-pipe',
      message: `Cannot make the pipes for the guest's console: ${stderr.trim()}`,
    });
  }
  const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
  const output = new Socket({
    ...{ fd: openSync(pipes.out, O_RDONLY | O_NONBLOCK), writable: false },
    // One read ahead and no more, so that a reader that takes its time leaves the rest in the pipe.
    ...{ readableHighWaterMark: 1 },
  });
  output.on('error', () => {}); // 'close' follows; whoever reads learns of that.
  const keys = openSync(pipes.in, O_RDWR | O_NONBLOCK);
  let open = true;
  return {
    output,
    type: (key) => {
      if (open) writeSync(keys, key);
    },
    // A reader is told of the end only after there has been a writer.
    finish: () => {
      if (open && !output.destroyed) closeSync(openSync(pipes.out, O_RDWR | O_NONBLOCK));
    },
    [Symbol.dispose]: () => {
      if (!open) return;
      open = false;
      output.destroy();
      closeSync(keys);
      for (const path of Object.values(pipes)) rmSync(path, { force: true });
    },
  };
}
