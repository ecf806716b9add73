import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEVBOX, type DevboxResult, devbox, temporaryDirectory } from './devbox.ts';

const CHECKOUT = dirname(DEVBOX);
const COPIED = ['devbox', 'dist', 'src', 'images', 'kernel-configs', 'native'];
const COPIED_TOO = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

export interface HostileResult extends DevboxResult {
  /** The most memory that devbox's own process ever held, bytes. */
  readonly peakBytes: number;
}

export interface HostileCheckout extends Disposable {
  /** Runs devbox with a guest whose PID 1 does this harm; see hostile-init.c. */
  run(harm: string, args: readonly string[], cwd: string): Promise<HostileResult>;
}

/**
 * A copy of the checkout whose PID 1 is hostile-init.c: whatever is run in it is devbox as it is, with a real kernel, and
 * with an enemy at the other end.
 */
export function hostileCheckout(): HostileCheckout {
  const copy = temporaryDirectory('dbh-');
  for (const name of [...COPIED, ...COPIED_TOO]) {
    const filter = (path: string) =>
      dirname(path) !== join(CHECKOUT, 'native/guest') || path.endsWith('/Makefile');
    cpSync(join(CHECKOUT, name), join(copy.path, name), {
      recursive: true,
      preserveTimestamps: true,
      filter,
    });
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(copy.path, 'node_modules'));
  mkdirSync(join(copy.path, 'native/guest'), { recursive: true });
  copyFileSync(join(import.meta.dirname, 'hostile-init.c'), join(copy.path, 'native/guest/main.c'));
  const run = async (harm: string, args: readonly string[], cwd: string): Promise<HostileResult> => {
    const peakFile = join(copy.path, 'peak');
    const hook = join(import.meta.dirname, 'report-peak.ts');
    const [command = '', ...rest] = args;
    const result = await devbox(
      [command, '--no-share', '--smp', '1', '--append', `hostile=${harm}`, ...rest],
      {
        cwd,
        env: { NODE_OPTIONS: `--import=${new URL(`file://${hook}`)}`, PEAK_FILE: peakFile },
        under: ['/bin/sh', '-c', 'shift; exec "$0/devbox" "$@"', copy.path],
      },
    );
    return { ...result, peakBytes: Number(readFileSync(peakFile, 'utf8')) * 1024 };
  };
  return { run, [Symbol.dispose]: () => copy[Symbol.dispose]() };
}
