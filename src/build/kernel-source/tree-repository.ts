import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../platform/paths.ts';
import { type GitCommand, type GitFailure, git, tryGit } from './run-git.ts';
import type { UserRepository } from './user-repository.ts';

/**
 * What devbox keeps about a directory of the user: a repository of its own, with an index that knows the directory's
 * files by their stat data, and a snapshot. The directory itself is only read.
 */
export interface TreeRepository {
  readonly dir: string;
  readonly gitDir: string;
  readonly snapshot: string;
  /** git with our repository about the user's files. */
  run(args: readonly string[], options?: TreeGitOptions): Promise<Buffer>;
  try(args: readonly string[], options?: TreeGitOptions): ReturnType<typeof tryGit>;
}

interface TreeGitOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly failure?: Partial<GitFailure>;
}

/**
 * Files are taken as the bytes they are: no line ends are changed, no filters run, nothing is substituted. The names
 * have no untracked cache of another's, and nobody repacks behind our back.
 */
const CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	untrackedCache = true
	preloadIndex = true
	fsmonitor = false
	compression = 1
	attributesFile = /dev/null
	hooksPath = /dev/null
	autocrlf = false
	splitIndex = false
	logAllRefUpdates = false
[index]
	version = 4
	skipHash = true
[gc]
	auto = 0
[checkout]
	workers = 0
[advice]
	addEmbeddedRepo = false
`;
const ATTRIBUTES = '* -text !eol !ident !filter !working-tree-encoding\n';

export function treeRepository(path: string, signal: AbortSignal | undefined): TreeRepository {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  const dir = join(cacheDir(), 'kernel-trees', name);
  const gitDir = join(dir, 'git');
  const command = (args: readonly string[], options: TreeGitOptions): GitCommand => ({
    args,
    cwd: options.env?.GIT_WORK_TREE ?? path,
    env: { GIT_DIR: gitDir, GIT_WORK_TREE: path, ...options.env },
    signal,
    ...(options.input !== undefined && { input: options.input }),
  });
  return {
    dir,
    gitDir,
    snapshot: join(dir, 'snapshot'),
    run: (args, options = {}) =>
      git(command(args, options), {
        code: 'tree-unreadable',
        message: `Cannot tell what ${path} consists of.`,
        writesTo: { dir },
        ...options.failure,
      }),
    try: (args, options = {}) => tryGit(command(args, options)),
  };
}

/** Makes the repository when there is none, and removes what a killed git left locked or half-written. Under its lock. */
export function prepareRepository({ dir, gitDir }: TreeRepository, path: string, excludes: string): void {
  for (const part of ['refs/heads', 'objects/pack', 'objects/info', 'info']) {
    mkdirSync(join(gitDir, part), { recursive: true });
  }
  writeFileSync(join(dir, 'path'), `${path}\n`);
  writeFileSync(join(gitDir, 'config'), CONFIG);
  writeFileSync(join(gitDir, 'info/attributes'), ATTRIBUTES);
  writeFileSync(join(gitDir, 'info/exclude'), excludes);
  if (!existsSync(join(gitDir, 'HEAD'))) writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/devbox\n');
  for (const lock of ['index.lock', 'HEAD.lock', 'refs/heads/devbox.lock']) {
    rmSync(join(gitDir, lock), { force: true });
  }
  for (const name of readdirSync(join(gitDir, 'objects/pack'))) {
    if (name.startsWith('tmp_')) rmSync(join(gitDir, 'objects/pack', name), { force: true });
  }
}

/** Lets git find the objects that the user's repository has already. It would mark them as used if it wrote, too. */
export function readingAlso(repository: UserRepository | undefined): Record<string, string> {
  return repository ? { GIT_ALTERNATE_OBJECT_DIRECTORIES: quote(repository.objects) } : {};
}

/** The variable is a list with colons between: a path with one, or that begins with a quote, has to be quoted. */
function quote(path: string): string {
  return `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}
