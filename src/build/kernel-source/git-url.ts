import { Failure } from '../../core/failure.ts';

/** Throws `Failure` usage unless git may be given these: words of an option's form, and transports that run programs. */
export function requireGitWords(url: string, ref: string): void {
  const wrong = wrongUrl(url) ?? wrongRef(ref);
  if (wrong === undefined) return;
  throw new Failure({
    kind: 'usage',
    code: 'bad-source',
    message: `This cannot be fetched by git: ${wrong}.`,
    hint: 'Give a URL like https://host/linux.git, ssh://host/linux.git or file:///linux.git, and a branch, a tag or a commit.',
  });
}

function wrongUrl(url: string): string | undefined {
  if (/[\0-\x20\x7f]/.test(url))
    return `the URL ${JSON.stringify(url)} has a space or a control character in it`;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(url);
  if (scheme) {
    if (!/^(https?|ssh|git|file)$/i.test(scheme[1] as string))
      return `"${scheme[1]}" is no way to fetch a kernel`;
    return /^-|^[^/]*@-/.test(scheme[2] as string) || scheme[2] === '' ? `"${url}" names no host` : undefined;
  }
  // USER@HOST:PATH, as ssh has it.
  if (/^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[^:-]/.test(url)) return undefined;
  return `"${url}" is no URL`;
}

function wrongRef(ref: string): string | undefined {
  const isRef =
    !/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|\.lock$/.test(ref) && ref !== '' && ref !== '@';
  return isRef ? undefined : `${JSON.stringify(ref)} can be no branch, tag or commit`;
}

export const isCommit = (ref: string) => /^[0-9a-f]{40}$/i.test(ref);
