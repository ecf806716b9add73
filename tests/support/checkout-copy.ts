import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEVBOX, type DevboxResult, devbox, temporaryDirectory } from './devbox.ts';

const CHECKOUT = dirname(DEVBOX);
const COPIED = ['devbox', 'dist', 'src', 'images', 'kernel-configs', 'native'];
const COPIED_TOO = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

export interface MeasuredResult extends DevboxResult {
  /** The most memory that devbox's own process ever held, bytes. */
  readonly peakBytes: number;
}

export interface CheckoutCopy extends Disposable {
  run(args: readonly string[], cwd: string, env?: Readonly<Record<string, string>>): Promise<MeasuredResult>;
}

/** A copy of the checkout that `change` changes: what is run in it compiles that, and is otherwise devbox as it is. */
export function copyCheckout(change: (copy: string) => void): CheckoutCopy {
  const copy = temporaryDirectory('dbh-');
  for (const name of [...COPIED, ...COPIED_TOO]) {
    cpSync(join(CHECKOUT, name), join(copy.path, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(copy.path, 'node_modules'));
  change(copy.path);
  const peakFile = join(copy.path, 'peak');
  const hook = new URL(`file://${join(import.meta.dirname, 'report-peak.ts')}`);
  return {
    run: async (args, cwd, env) => {
      const result = await devbox(args, {
        cwd,
        env: { NODE_OPTIONS: `--import=${hook}`, PEAK_FILE: peakFile, ...env },
        under: ['/bin/sh', '-c', 'shift; exec "$0/devbox" "$@"', copy.path],
      });
      return { ...result, peakBytes: Number(readFileSync(peakFile, 'utf8')) * 1024 };
    },
    [Symbol.dispose]: () => copy[Symbol.dispose](),
  };
}
