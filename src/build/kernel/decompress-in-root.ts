import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import type { Decompress, PayloadFormat } from './extract-vmlinux.ts';

/** Programs of the build root that read standard input and write standard output. */
const PROGRAMS: Readonly<Record<PayloadFormat, string>> = {
  gzip: 'gzip -dc',
  zstd: 'zstd -dc -q',
  xz: 'xz -dc --single-stream',
  lzma: 'xz -dc --format=lzma',
  lz4: 'lz4 -dc -q',
  bzip2: 'bzip2 -dc',
  lzo: 'lzop -dc',
};

/** Undoes compressions with the build root's own programs. `directory` is for the files they read and write. */
export function decompressInRoot(
  root: () => Promise<BuildRoot>,
  directory: string,
  signal: AbortSignal | undefined,
): Decompress {
  return async (format, data, limit) => {
    const work = await mkdtemp(join(directory, 'unpack-'));
    try {
      writeFileSync(join(work, 'in'), data);
      const buildRoot = await root();
      await buildRoot.run({
        // One byte more than the limit tells "as large as allowed" from "larger".
        argv: ['sh', '-c', `{ ${PROGRAMS[format]} <in || echo failed >status; } | head -c ${limit + 1} >out`],
        cwd: '/mnt/work',
        binds: [{ host: work, guest: '/mnt/work', readOnly: false }],
        name: `unpack-${format}`,
        title: `Unpacking ${format} data`,
        signal,
        writesTo: { dir: dirname(directory), needs: limit },
      });
      const output = readFileSync(join(work, 'out'));
      if (output.length > limit) throw unpackFailure(`it is larger than ${limit} bytes`);
      if (existsSync(join(work, 'status'))) throw unpackFailure('it is damaged or cut short');
      return output;
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  };
}

function unpackFailure(why: string): Failure {
  return new Failure({ kind: 'build', code: 'unpack-failed', message: why });
}
