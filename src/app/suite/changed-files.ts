import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../core/failure.ts';

const run = promisify(execFile);

/** Absolute paths of what git says is new or changed since the last commit, in `dir` and below. */
export async function changedFiles(dir: string): Promise<ReadonlySet<string>> {
  const git = async (...words: string[]) =>
    (await run('git', ['-C', dir, ...words], { maxBuffer: 64 * 2 ** 20 })).stdout;
  try {
    const top = (await git('rev-parse', '--show-toplevel')).trimEnd();
    const status = await git(
      'status',
      '--porcelain=v1',
      '-z',
      '--untracked-files=all',
      '--no-renames',
      '--',
      '.',
    );
    const names = status.split('\0').filter((entry) => entry !== '');
    return new Set(names.map((entry) => resolve(top, entry.slice(3))));
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim() || (cause as Error).message;
    throw new Failure({
      kind: 'usage',
      code: 'no-repository',
      message: `--changed asks git what is changed in ${dir}, and it says: ${said}`,
      hint: 'Leave --changed out, or work in a git repository.',
      cause,
    });
  }
}
