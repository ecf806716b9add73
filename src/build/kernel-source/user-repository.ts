import { lstatSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type GitCommand, tryGit } from './run-git.ts';

/** The Git repository that a directory of the user lies in. It is only ever read, and without taking a lock. */
export interface UserRepository {
  readonly gitDir: string;
  /** Where its objects lie: elsewhere than `gitDir` when that belongs to a second work tree. */
  readonly objects: string;
  readonly top: string;
  /** The directory that was asked about. */
  readonly path: string;
}

/** Found by looking for `.git` as git does; its owner does not matter, for nothing in it is run. */
export function findRepository(path: string): UserRepository | undefined {
  for (let top = path; ; top = dirname(top)) {
    const gitDir = gitDirOf(join(top, '.git'));
    if (gitDir !== undefined) {
      const common = read(join(gitDir, 'commondir')).trim();
      return { gitDir, objects: join(resolve(gitDir, common), 'objects'), top, path };
    }
    if (dirname(top) === top) return undefined;
  }
}

/** A second work tree and a submodule have a file `.git` that names the directory. */
function gitDirOf(dotGit: string): string | undefined {
  const stat = lstatSync(dotGit, { throwIfNoEntry: false });
  const named = stat?.isFile() ? /^gitdir: (.*?)\n*$/.exec(read(dotGit))?.[1] : undefined;
  const gitDir = named === undefined ? dotGit : resolve(dirname(dotGit), named);
  return lstatSync(join(gitDir, 'HEAD'), { throwIfNoEntry: false }) ? gitDir : undefined;
}

/** Changes whenever the user's index does; undefined when there is none. */
export function indexStamp({ gitDir }: UserRepository): string | undefined {
  const stat = lstatSync(join(gitDir, 'index'), { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

/** Patterns of files that git ignores though no .gitignore in the tree says so: the user's own, and the repository's. */
export function privateExcludes(repository: UserRepository | undefined): string {
  const config = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  const own = [
    excludesFileOf(join(config, 'git/config')),
    excludesFileOf(join(homedir(), '.gitconfig')),
  ].findLast((file) => file !== undefined);
  const files = [own ?? join(config, 'git/ignore')];
  if (repository) files.push(join(dirname(repository.objects), 'info/exclude'));
  return files.map(read).join('\n');
}

function excludesFileOf(config: string): string | undefined {
  const value = /^\s*excludesfile\s*=\s*"?([^"\n]*?)"?\s*$/im.exec(read(config))?.[1];
  return value?.replace(/^~(?=\/)/, homedir());
}

/** What the user's index has below the directory, as `git ls-files --stage -z` prints it; nothing when it cannot be read. */
export async function trackedFiles(
  repository: UserRepository,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const { code, stdout } = await askRepository(repository, ['ls-files', '--stage', '-z'], signal);
  return code === 0 ? stdout : Buffer.alloc(0);
}

export interface HeadCommit {
  readonly commit: string;
  readonly tree: string;
  /** When it was committed, seconds since the epoch. */
  readonly time: number;
}

/** What is checked out; undefined when nothing has been committed. */
export async function headCommit(
  repository: UserRepository,
  signal: AbortSignal | undefined,
): Promise<HeadCommit | undefined> {
  const format = ['log', '-1', '--no-show-signature', '--format=%H %T %ct', 'HEAD', '--'];
  const { code, stdout } = await askRepository(repository, format, signal);
  const [commit, tree, time] = stdout.toString('latin1').trim().split(' ');
  return code === 0 && commit && tree ? { commit, tree, time: Number(time) } : undefined;
}

function askRepository(
  { gitDir, top, path }: UserRepository,
  args: readonly string[],
  signal: AbortSignal | undefined,
) {
  const command: GitCommand = {
    args: [
      ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'log.showSignature=false'],
      ...args,
    ],
    cwd: path,
    env: { GIT_DIR: gitDir, GIT_WORK_TREE: top, GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1' },
    signal,
  };
  return tryGit(command);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
