import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import { readSmallJson, writeSmallJson } from '../../platform/small-json.ts';
import { keyOf } from '../../platform/store-key.ts';
import { exportCommit, gitCacheDir } from './git-cache.ts';
import { askRemote, type RemoteRef } from './git-remote.ts';
import { isCommit, requireGitWords } from './git-url.ts';
import { readKernelVersion } from './kernel-makefile.ts';
import { refuseOffline } from './offline.ts';
import { requirePinned } from './pinned.ts';
import { requireGit } from './run-git.ts';
import type { ResolvedSource, SourceContext, SourcePin } from './source.ts';
import { obtainStored } from './stored-source.ts';

type GitSpec = Extract<BuiltSourceSpec, { kind: 'git' }>;

const RECIPE = 1;
/** A kernel's commit as objects, and its files. Bytes. */
const NEEDS = 2.2e9;

/** A commit of a Git repository. Which one a branch stands for is asked each time; a tag stays what it is. */
export async function resolveGit(spec: GitSpec, context: SourceContext): Promise<ResolvedSource> {
  const { url, ref } = spec;
  requireGitWords(url, ref);
  requireGit();
  const base: SourcePin = { kind: 'git', url, ref };
  requirePinned(base, ['url', 'ref'], context.pin, url);
  const found = context.pin
    ? { commit: String(context.pin.commit), name: ref }
    : await findCommit(spec, context);
  const { commit } = found;
  const key = keyOf({ source: 'git', recipe: RECIPE, commit });
  const pin: SourcePin = { ...base, commit };
  const short = commit.slice(0, 12);
  const title = `${url} ${isCommit(ref) ? short : `${ref} (${short})`}`;
  const obtain = () =>
    obtainStored(
      {
        key,
        pin,
        what: `source ${title}`,
        needs: NEEDS,
        make: async (draft) => {
          const { epoch } = await exportCommit({ url, ref: found, title, draft, needs: NEEDS }, context);
          return { epoch, version: readKernelVersion(join(draft, 'tree'), title) };
        },
      },
      context,
    );
  return { key, pin, title, obtain };
}

type Answers = Readonly<Record<string, RemoteRef>>;

async function findCommit(
  { url, ref }: GitSpec,
  { offline, signal, progress, emit }: SourceContext,
): Promise<RemoteRef> {
  if (isCommit(ref)) return { commit: ref.toLowerCase() };
  const file = join(gitCacheDir(url), 'refs.json');
  const known = readSmallJson<Answers>(file)?.[ref];
  if (known && (offline || known.name?.startsWith('refs/tags/'))) return known;
  refuseOffline(offline, `Which commit ${ref} of ${url} is`);
  progress(`asking ${url} for ${ref}`);
  try {
    const found = await askRemote(url, ref, signal);
    writeSmallJson(file, { ...readSmallJson<Answers>(file), [ref]: found });
    return found;
  } catch (error) {
    if (!known || !(error instanceof Failure) || error.code !== 'git-unreachable') throw error;
    emit({
      type: 'notice',
      level: 'warning',
      message: `Could not ask ${url} whether ${ref} has moved: using ${known.commit.slice(0, 12)}, as it was last.`,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
    return known;
  }
}
