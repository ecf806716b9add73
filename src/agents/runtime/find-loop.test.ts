import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { findWorkerFrames } from './find-loop.ts';

it('finds the line of a thread that loops for ever, and lets it go on', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'find-loop-'));
  try {
    const file = join(dir, 'looper.mts');
    writeFileSync(
      file,
      [
        "import { workerData } from 'node:worker_threads';",
        'const turns: Int32Array = workerData;',
        'export function loop(): void {',
        '  for (;;) Atomics.add(turns, 0, 1);',
        '}',
        'loop();',
      ].join('\n'),
    );
    const turns = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(file, { workerData: turns });
    while (Atomics.load(turns, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    const frames = await findWorkerFrames(10_000);
    expect(frames.map(({ file, line }) => ({ file, line }))).toEqual([
      { file, line: 4 },
      { file, line: 6 },
    ]);
    await worker.terminate();
  } finally {
    rmSync(dir, { recursive: true });
  }
});
