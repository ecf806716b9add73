import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { interpreterOf } from './interpreter.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-interpreter-'));
afterAll(() => rmSync(dir, { recursive: true }));
const script = (text: string, mode = 0o644) => {
  rmSync(join(dir, 'y'), { force: true });
  writeFileSync(join(dir, 'y'), text, { mode });
  return join(dir, 'y');
};

it('names what runs a script that may not be executed, with one argument at most', () => {
  expect(interpreterOf(script('#!/bin/sh\nexit 1\n'))).toEqual(['/bin/sh']);
  expect(interpreterOf(script('#! /usr/bin/env -S python3 -u \n'))).toEqual([
    '/usr/bin/env',
    '-S python3 -u',
  ]);
});

it('leaves alone what may be executed', () => {
  expect(interpreterOf(script('#!/bin/sh\n', 0o755))).toEqual([]);
});
