import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/nearest.ts';
import { gitFailure, tryGit } from './run-git.ts';

export interface RemoteRef {
  readonly commit: string;
  /** Whole: `refs/tags/v6.12`. Undefined when a commit was asked for. */
  readonly name?: string;
}

/** The commit that a branch or a tag of a remote repository stands for now; throws `Failure` with the nearest ones. */
export async function askRemote(
  url: string,
  ref: string,
  signal: AbortSignal | undefined,
): Promise<RemoteRef> {
  const names = ref === 'HEAD' || ref.startsWith('refs/') ? [ref] : [`refs/tags/${ref}`, `refs/heads/${ref}`];
  const found = await listRemote(
    url,
    names.flatMap((name) => [name, `${name}^{}`]),
    signal,
  );
  const name = names.find((candidate) => found.has(candidate));
  // A signed tag is an object of its own; what it is about follows under its name and ^{}.
  const commit = name === undefined ? undefined : (found.get(`${name}^{}`) ?? found.get(name));
  if (name !== undefined && commit !== undefined) return { commit, name };
  throw noSuchRef(url, ref, [...(await listRemote(url, [], signal)).keys()]);
}

async function listRemote(
  url: string,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const listing = await tryGit({
    args: ['ls-remote', '--quiet', '--', url, ...names],
    cwd: '/',
    asUser: true,
    signal,
  });
  if (listing.code !== 0) throw gitFailure(listing, unreachable(url, listing.stderr));
  const lines = listing.stdout.toString('utf8').split('\n');
  return new Map(lines.map((line) => line.split('\t')).map(([commit = '', name = '']) => [name, commit]));
}

export function unreachable(url: string, complaint: string) {
  return { code: 'git-unreachable', message: `git cannot fetch from ${url}.`, hint: remoteHint(complaint) };
}

export function remoteHint(complaint: string): string {
  if (
    /could not read Username|Authentication failed|Permission denied|terminal prompts disabled/i.test(
      complaint,
    )
  ) {
    return 'It wants to know who you are, and devbox asks nobody: set up a credential helper or an ssh key for it.';
  }
  if (/Host key verification failed/i.test(complaint)) {
    return 'Its host key is not known yet: connect once by ssh yourself, and check it.';
  }
  if (/certificate|SSL/i.test(complaint)) {
    return 'Its certificate is signed by nobody known here: name the file of who did in GIT_SSL_CAINFO, or in http.sslCAInfo of your git configuration.';
  }
  return 'Check the URL and the network, then try again.';
}

const NAMED = 8;

function noSuchRef(url: string, ref: string, names: readonly string[]): Failure {
  const short = [
    ...new Set(names.map((name) => /^refs\/(?:tags|heads)\/(.*?)(?:\^\{\})?$/.exec(name)?.[1] ?? '')),
  ];
  const known = short.filter((name) => name !== '');
  const near = nearest(ref, known);
  const alike = known.filter((name) => name !== near && (name.includes(ref) || ref.includes(name)));
  const all = [...(near === undefined ? [] : [near]), ...alike, ...(near ? [] : known.toReversed())];
  const abbreviated = /^[0-9a-f]{7,39}$/i.test(ref);
  return new Failure({
    kind: 'usage',
    code: 'no-such-ref',
    message: `${url} has no branch and no tag "${ref}".`,
    hint: abbreviated
      ? 'A commit has to be given with all of its 40 digits: a server does not look up a part of them.'
      : all.length > 0
        ? `The nearest it has: ${[...new Set(all)].slice(0, NAMED).join(', ')}.`
        : 'It has no branches and no tags at all.',
  });
}
