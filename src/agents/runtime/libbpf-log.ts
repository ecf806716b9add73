/** What libbpf printed while it tried something, taken apart. */
export interface LibbpfLog {
  /** The kernel's verifier log, whole; empty when the verifier was not reached or had nothing to say. */
  readonly verifier: string;
  /** The program that was refused. */
  readonly program?: string;
  /** libbpf's own lines, without their `libbpf: `. */
  readonly messages: readonly string[];
}

const BEGIN = /^libbpf: prog '([^']*)': -- BEGIN PROG LOAD LOG --$/;
const END = '-- END PROG LOAD LOG --';

export function readLibbpfLog(text: string): LibbpfLog {
  const verifier: string[] = [];
  const messages: string[] = [];
  let program: string | undefined;
  let inside = false;
  for (const line of text.split('\n')) {
    const begin = inside ? null : BEGIN.exec(line);
    if (begin) {
      inside = true;
      program = begin[1];
    } else if (inside && line === END) {
      inside = false;
    } else if (inside) {
      verifier.push(line);
    } else if (line !== '') {
      messages.push(line.replace(/^libbpf: /, ''));
    }
  }
  return { verifier: verifier.join('\n'), messages, ...(program !== undefined && { program }) };
}
