import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import { SUITE } from '../root/package-list.ts';
import { requireGitWords } from './git-url.ts';

/** Debian's release has one kernel of its own; all others come from its backports. */
const OWN_PACKAGES = ['linux-source', 'linux-source-6.12'];
const ARCHIVE = /\.(tar|tar\.(gz|xz|bz2|zst|zstd)|tgz|txz|tbz2?|tzst)$/i;
const FORMS =
  'A directory, debian:linux-source-6.12[=VERSION], git+https://host/linux.git#REF, or an archive: ./linux.tar.xz#sha256=DIGEST.';

/**
 * What `--source` asks for; paths are relative to `cwd`. Throws `Failure` usage when it is none of the forms that there
 * are. Whether there is such a source is found out by resolving it.
 */
export function parseSource(text: string, cwd: string = process.cwd()): BuiltSourceSpec {
  const path = resolve(cwd, text);
  if (text === '') throw badSource('An empty source was given.', FORMS);
  if (isDirectory(path)) return { kind: 'tree', path };
  if (text.startsWith('debian:')) return parseDebian(text.slice('debian:'.length));
  const hash = text.indexOf('#');
  const [place, fragment] = hash < 0 ? [text, undefined] : [text.slice(0, hash), text.slice(hash + 1)];
  if (isGit(place)) return parseGit(place.replace(/^git\+/, ''), fragment);
  const isUrl = /^[a-z][a-z0-9+.-]*:/i.test(place);
  if (fragment?.startsWith('sha256=') || ARCHIVE.test(place)) {
    return parseTarball(isUrl ? place : resolve(cwd, place), fragment, text);
  }
  if (isUrl) {
    throw badSource(
      `"${text}" is neither a Git repository nor an archive by its name.`,
      `For a repository: git+${place}#REF. For an archive: ${place}#sha256=DIGEST.`,
    );
  }
  if (/^[\w.+-]+$/.test(text))
    throw badSource(`"${text}" is no source of a kernel, and no directory here.`, FORMS);
  return { kind: 'tree', path };
}

function isGit(place: string): boolean {
  return (
    /^(git\+|git:\/\/|ssh:\/\/)/i.test(place) ||
    /^[\w.-]+@[\w.-]+:/.test(place) ||
    /^[a-z]+:\/\/.*\.git\/?$/i.test(place)
  );
}

function parseDebian(text: string): BuiltSourceSpec {
  const match = /^(?:([a-z][a-z0-9-]*)\/)?(linux-source(?:-[a-z0-9.+-]+)?)(?:=(\d[\w.+~:-]*))?$/.exec(text);
  if (!match) {
    throw badSource(
      `"debian:${text}" names no source package of a kernel.`,
      `Like debian:linux-source-6.12, debian:linux-source-6.12=6.12.94-1 or debian:${SUITE}-backports/linux-source-7.2.`,
    );
  }
  const [, given, name = '', version] = match;
  const suite = given ?? (OWN_PACKAGES.includes(name) ? SUITE : `${SUITE}-backports`);
  return { kind: 'debian-source', package: name, suite, ...(version !== undefined && { version }) };
}

function parseGit(url: string, fragment: string | undefined): BuiltSourceSpec {
  if (fragment === '')
    throw badSource(`"${url}#" names no branch, tag or commit after the "#".`, `${url}#v6.12, for one.`);
  const ref = fragment ?? 'HEAD';
  requireGitWords(url, ref);
  return { kind: 'git', url, ref };
}

function parseTarball(location: string, fragment: string | undefined, text: string): BuiltSourceSpec {
  const digest = /^sha256=(.*)$/.exec(fragment ?? '')?.[1];
  const isWeb = /^https?:/i.test(location);
  if (digest === undefined) {
    throw badSource(
      `The archive "${text}" is given without its digest.`,
      `Write ${text.replace(/#.*$/, '')}#sha256=DIGEST, with the 64 digits that ${isWeb ? 'its publisher gives' : '`sha256sum` prints'}.`,
    );
  }
  if (!/^[0-9a-f]{64}$/i.test(digest)) {
    throw badSource(
      `"${digest}" is no SHA-256 of an archive: that has 64 hexadecimal digits.`,
      'Take what `sha256sum` prints.',
    );
  }
  if (!/^(\/|https?:|file:)/i.test(location)) {
    throw badSource(
      `"${location}" is no way to fetch an archive.`,
      'Give a path, or a URL of https, http or file.',
    );
  }
  return { kind: 'tarball', location, sha256: digest.toLowerCase() };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function badSource(message: string, hint: string): Failure {
  return new Failure({ kind: 'usage', code: 'bad-source', message, hint });
}
