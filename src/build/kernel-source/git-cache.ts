import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { acquireLock } from '../../platform/lock.ts';
import { cacheDir } from '../../platform/paths.ts';
import { type RemoteRef, unreachable } from './git-remote.ts';
import { refuseOffline } from './offline.ts';
import { git, gitFailure, tryGit } from './run-git.ts';
import { sayLeftOut } from './say-left-out.ts';
import type { SourceContext } from './source.ts';
import type { SourceFacts } from './stored-source.ts';

/** Neither line ends nor filters nor `export-ignore`: the bytes that were committed. */
const ATTRIBUTES = '* -text !eol !ident !filter !working-tree-encoding\n';
const CONFIG = `[core]
	repositoryformatversion = 0
	bare = true
	compression = 1
	hooksPath = /dev/null
	attributesFile = /dev/null
	autocrlf = false
[gc]
	auto = 0
[checkout]
	workers = 0
`;

/** Where what is known of a repository is kept: its objects so far, for the next fetch to need less. */
export function gitCacheDir(url: string): string {
  return join(cacheDir(), 'kernel-git', createHash('sha256').update(url).digest('hex').slice(0, 32));
}

export interface FetchOptions {
  readonly url: string;
  readonly ref: RemoteRef;
  /** For people. */
  readonly title: string;
  /** Gets the files, in `tree`, which it makes. */
  readonly draft: string;
  /** Room for all of it, bytes. */
  readonly needs: number;
}

/** Fetches one commit without its history, unless it is here, and puts its files into a directory. */
export async function exportCommit(
  options: FetchOptions,
  context: SourceContext,
): Promise<Omit<SourceFacts, 'version'>> {
  const { url, ref, title, draft, needs } = options;
  const { signal, progress, offline } = context;
  const dir = gitCacheDir(url);
  await using _lock = await acquireLock({
    file: join(dir, 'lock'),
    onWait: () => progress('another devbox is fetching from there: waiting for that'),
    ...(signal && { signal }),
  });
  const gitDir = join(dir, 'git');
  prepare(gitDir, url);
  const env = { GIT_DIR: gitDir };
  if (!(await hasCommit(gitDir, ref.commit, signal))) {
    refuseOffline(offline, title);
    progress(`fetching ${title}`);
    await fetchCommit(gitDir, options, context);
  }
  progress('writing its files');
  const tree = join(draft, 'tree');
  mkdirSync(tree);
  const index = join(draft, 'index');
  await git(
    {
      args: ['--work-tree', tree, 'read-tree', '--reset', '-u', ref.commit],
      cwd: tree,
      env: { ...env, GIT_INDEX_FILE: index },
      signal,
    },
    {
      code: 'git-export-failed',
      message: `Cannot write the files of ${ref.commit}.`,
      hint: `If it says that objects are missing or damaged, remove ${dir} and try again.`,
      writesTo: { dir: draft, needs },
    },
  );
  rmSync(index, { force: true });
  const listing = await git(
    { args: ['ls-tree', '-r', '-z', ref.commit], cwd: '/', env, signal },
    { code: 'git-export-failed', message: `Cannot list the files of ${ref.commit}.` },
  );
  sayLeftOut(title, listing, context);
  const time = await git(
    { args: ['log', '-1', '--no-show-signature', '--format=%ct', ref.commit], cwd: '/', env, signal },
    { code: 'git-export-failed', message: `Cannot read the commit ${ref.commit}.` },
  );
  return { epoch: Number(time.toString().trim()) };
}

function prepare(gitDir: string, url: string): void {
  for (const part of ['refs/devbox', 'objects/pack', 'objects/info', 'info']) {
    mkdirSync(join(gitDir, part), { recursive: true });
  }
  writeFileSync(join(gitDir, 'config'), CONFIG);
  writeFileSync(join(gitDir, 'info/attributes'), ATTRIBUTES);
  writeFileSync(join(gitDir, 'description'), `${url}\n`);
  if (!existsSync(join(gitDir, 'HEAD'))) writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n');
  // What a killed git left.
  for (const name of ['shallow.lock', 'packed-refs.lock', 'HEAD.lock'])
    rmSync(join(gitDir, name), { force: true });
  for (const part of ['refs/devbox', 'objects/pack']) {
    for (const name of readdirSync(join(gitDir, part))) {
      if (/\.lock$|^(\.tmp-|tmp_)/.test(name)) rmSync(join(gitDir, part, name), { force: true });
    }
  }
}

/** Only what was fetched to its end has a ref of ours. */
async function hasCommit(gitDir: string, commit: string, signal: AbortSignal | undefined): Promise<boolean> {
  const args = ['rev-parse', '--quiet', '--verify', `refs/devbox/${commit}^{tree}`];
  const { code } = await tryGit({ args, cwd: '/', env: { GIT_DIR: gitDir }, signal });
  return code === 0;
}

async function fetchCommit(
  gitDir: string,
  { url, ref: { commit, name }, draft, needs }: FetchOptions,
  { signal, progress }: SourceContext,
): Promise<void> {
  const fetch = (what: string) =>
    tryGit({
      args: [
        ...['-c', 'fetch.writeCommitGraph=false', '-c', 'maintenance.auto=false'],
        ...[
          'fetch',
          '--progress',
          '--no-tags',
          '--no-write-fetch-head',
          '--no-recurse-submodules',
          '--depth=1',
        ],
        ...['--', url, `+${what}:refs/devbox/new`],
      ],
      cwd: '/',
      asUser: true,
      env: { GIT_DIR: gitDir },
      signal,
      onStderr: (text) => {
        const step = /((?:Receiving|Resolving|remote: Compressing)[^\r\n]*?\d+%)[^\r\n]*[\r\n]*$/.exec(
          text,
        )?.[1];
        if (step) progress(step.replace('remote: ', '').toLowerCase());
      },
    });
  const writesTo = { dir: draft, needs };
  let result = await fetch(commit);
  // A server may refuse to give a commit that is not asked for by a name of its.
  if (result.code !== 0 && name !== undefined && !/No space left/.test(result.stderr))
    result = await fetch(name);
  if (result.code !== 0) {
    if (
      name === undefined &&
      /not our ref|unadvertised object|couldn't find remote ref/.test(result.stderr)
    ) {
      throw noSuchCommit(url, commit, result.stderr);
    }
    throw gitFailure(result, { ...unreachable(url, result.stderr), writesTo });
  }
  const run = (args: readonly string[]) =>
    git(
      { args, cwd: '/', env: { GIT_DIR: gitDir }, signal },
      { code: 'git-failed', message: `git failed in ${gitDir}.`, writesTo },
    );
  const came = (await run(['rev-parse', 'refs/devbox/new^{commit}'])).toString().trim();
  await run(['update-ref', `refs/devbox/${came}`, came]);
  await run(['update-ref', '-d', 'refs/devbox/new']);
  if (came !== commit) throw moved(url, name ?? commit, commit, came);
}

function noSuchCommit(url: string, commit: string, complaint: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'no-such-ref',
    message: `${url} does not give out a commit ${commit}.`,
    hint: 'Check it, or give a branch or a tag that has it: a server need not give out every commit by its number.',
    evidence: complaint.split('\n').filter((line) => /fatal|error/.test(line)),
  });
}

function moved(url: string, name: string, wanted: string, came: string): Failure {
  return new Failure({
    kind: 'build',
    code: 'source-moved',
    message: `${name} of ${url} was ${wanted} and is ${came} now.`,
    hint: 'Try again; where devbox.lock asks for the old one, that repository no longer gives it out by its number.',
  });
}
