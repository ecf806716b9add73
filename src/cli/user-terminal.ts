import { spawnSync } from 'node:child_process';
import type { UserTerminal } from '../index.ts';

/** The terminal devbox was started in. Disposing of it leaves raw mode, whatever happened. */
export function openUserTerminal(): UserTerminal & Disposable {
  let isRaw = false;
  const setRaw = (raw: boolean) => {
    if (raw === isRaw || !process.stdin.isTTY) return;
    isRaw = raw;
    process.stdin.setRawMode(raw); // Left again, it puts back everything that was set before it.
    // Node leaves the terminal to make CR LF of LF; what comes from a terminal of the guest has been through that already.
    if (raw) spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  };
  return {
    get stdin() {
      return process.stdin; // Opened by Node on first use: a run that never asks for it never touches it.
    },
    get stdinIsTty() {
      return process.stdin.isTTY === true;
    },
    stdoutIsTty: process.stdout.isTTY === true,
    size: () => {
      const { isTTY, rows, columns } = process.stdout;
      return isTTY ? { rows, cols: columns } : undefined;
    },
    onResize: (listener) => {
      process.stdout.on('resize', listener);
      return () => process.stdout.removeListener('resize', listener);
    },
    setRaw,
    [Symbol.dispose]: () => {
      try {
        setRaw(false);
      } catch {
        // The terminal has gone: there is nothing to put back.
      }
    },
  };
}
