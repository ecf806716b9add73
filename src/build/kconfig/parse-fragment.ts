import { Failure } from '../../core/failure.ts';
import type { ConfigRequest } from './request.ts';

const LINE = /^CONFIG_(\w+)=(.*)$/;
const NOT_SET = /^# CONFIG_(\w+) is not set$/;
const VALUE = /^(?:[ymn]|-?\d+|0[xX][\da-fA-F]+|"(?:[^"\\]|\\.)*")$/;
const EXPECTED = 'CONFIG_NAME=value or "# CONFIG_NAME is not set"';
/** More of a line than anybody needs to recognise it. */
const QUOTED = 60;

/**
 * A fragment: lines of a .config. Other comments and blank lines mean nothing. Throws `Failure` usage for a line that is
 * none of these, and for a symbol that is asked for twice with different values.
 */
export function parseFragment(file: string, text: string): ConfigRequest[] {
  const requests = new Map<string, ConfigRequest & { readonly from: { readonly line: number } }>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = index + 1;
    const content = raw.trim();
    const request = parseLine(content);
    if (request === undefined) {
      if (content === '' || content.startsWith('#')) continue;
      throw badLine(file, line, content);
    }
    const earlier = requests.get(request.symbol);
    if (earlier !== undefined && earlier.value !== request.value) {
      throw new Failure({
        kind: 'usage',
        code: 'config-asked-twice',
        message: `${file} asks twice for CONFIG_${request.symbol}: "${earlier.value}" in line ${earlier.from.line}, "${request.value}" in line ${line}.`,
        hint: 'Remove one of the two lines.',
      });
    }
    if (earlier === undefined) requests.set(request.symbol, { ...request, from: { file, line } });
  }
  return [...requests.values()];
}

/** The value of `--set`: `CONFIG_X=y` or `X=y`. Text needs no quotes, which a shell would have taken away. */
export function parseSet(text: string): ConfigRequest {
  const match = /^(?:CONFIG_)?(\w+)=(.*)$/s.exec(text.trim());
  const value = match?.[2]?.trim() ?? '';
  if (match === null || value === '' || /\n/.test(value)) {
    throw badSet(text, 'it must be CONFIG_NAME=value');
  }
  if (/^(?:yes|no|true|false|on|off|module|[YMN])$/.test(value)) {
    throw badSet(text, 'an option is switched by y, m or n');
  }
  const literal = VALUE.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  return { symbol: match[1] as string, value: literal, from: { file: '--set' } };
}

/** Later requests in place of earlier ones for the same symbol. */
export function mergeRequests(requests: readonly ConfigRequest[]): ConfigRequest[] {
  const merged = new Map<string, ConfigRequest>();
  for (const request of requests) {
    merged.delete(request.symbol); // Its place is where it was last asked for: of a choice's members, the last one wins.
    merged.set(request.symbol, request);
  }
  return [...merged.values()];
}

/** The line of a .config for a request. */
export function configLine({ symbol, value }: Pick<ConfigRequest, 'symbol' | 'value'>): string {
  return value === 'n' ? `# CONFIG_${symbol} is not set` : `CONFIG_${symbol}=${value}`;
}

function parseLine(line: string): Pick<ConfigRequest, 'symbol' | 'value'> | undefined {
  const off = NOT_SET.exec(line);
  if (off) return { symbol: off[1] as string, value: 'n' };
  const set = LINE.exec(line);
  if (!set || !VALUE.test(set[2] as string)) return undefined;
  return { symbol: set[1] as string, value: set[2] as string };
}

function badLine(file: string, line: number, content: string): Failure {
  const value = LINE.exec(content)?.[2];
  const expected = value === undefined ? EXPECTED : `y, m, n, a number, or text in double quotes after "="`;
  return new Failure({
    kind: 'usage',
    code: 'bad-fragment',
    message: `${file}:${line}: expected ${expected}, got "${shorten(content)}".`,
    hint: hintFor(content, value),
  });
}

function hintFor(content: string, value: string | undefined): string {
  if (value !== undefined && /^(?:yes|no|true|false|on|off|[YMN])$/.test(value)) {
    return 'Options are switched by y, m or n, in lower case.';
  }
  if (value !== undefined && /\s#/.test(value)) return 'A comment must have a line of its own.';
  if (/^CONFIG_\w+\s*=/.test(content)) return 'There must be no space around "=", and quotes must be closed.';
  if (/^\w+=/.test(content)) return `Options begin with CONFIG_: CONFIG_${shorten(content)}`;
  return 'A comment begins with "#".';
}

function badSet(text: string, why: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'bad-set',
    message: `--set ${shorten(text)}: ${why}.`,
    hint: 'For instance: --set CONFIG_PREEMPT=y, --set CONFIG_HZ=300, --set CONFIG_LOCALVERSION=-mine',
  });
}

function shorten(text: string): string {
  return text.length <= QUOTED ? text : `${text.slice(0, QUOTED)}…`;
}
