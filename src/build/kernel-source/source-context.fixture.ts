import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import type { UntimedEvent } from '../../core/event.ts';
import { openStore } from '../../platform/store.ts';
import type { SourceContext } from './source.ts';

export interface SourceRig extends Disposable {
  readonly dir: string;
  readonly context: SourceContext;
  readonly events: UntimedEvent[];
  readonly said: string[];
}

/** A cache of its own, and a context in which nothing may need an environment unless one is given. */
export function sourceRig(overrides: Partial<SourceContext> = {}): SourceRig {
  const dir = mkdtempSync(join(tmpdir(), 'devbox-source-'));
  vi.stubEnv('DEVBOX_CACHE', join(dir, 'cache'));
  vi.stubEnv('XDG_CONFIG_HOME', join(dir, 'config'));
  vi.stubEnv('HOME', dir);
  const events: UntimedEvent[] = [];
  const said: string[] = [];
  const context: SourceContext = {
    emit: (event) => events.push(event),
    store: openStore(),
    progress: (detail) => said.push(detail),
    environment: () => Promise.reject(new Error('no environment was to be needed')),
    offline: false,
    ...overrides,
  };
  return {
    dir,
    context,
    events,
    said,
    [Symbol.dispose]: () => {
      vi.unstubAllEnvs();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The least that is taken for a kernel, and what else is given. */
export const TINY_KERNEL: Readonly<Record<string, string>> = {
  Makefile: '# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\nEXTRAVERSION =\nNAME = Tiny\n',
  Kconfig: 'mainmenu "Tiny"\n',
  '.gitignore': '*.o\n',
  'kernel/fork.c': 'int fork;\n',
};

export function writeTree(dir: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}
