import { Failure } from './failure.ts';
import { didYouMean } from './nearest.ts';

/** The vCPUs of a guest and how they hang together; `cpus` = sockets × cores × threads. */
export interface SmpTopology {
  readonly cpus: number;
  readonly sockets: number;
  /** Cores in a socket. */
  readonly cores: number;
  /** Threads in a core. */
  readonly threads: number;
}

/** QEMU's x86 machines address vCPUs by 8-bit APIC ids unless told otherwise. */
const MAX_CPUS = 255;

const KEYS = ['sockets', 'cores', 'threads'] as const;
const HINT = 'Give a number of vCPUs, as in --smp 4, or a topology, as in --smp sockets=2,cores=2,threads=2.';

/** `4` or `sockets=2,cores=2,threads=2` (what is left out is 1). Throws `Failure` usage/bad-smp. */
export function parseSmp(text: string, { max = MAX_CPUS, whose = 'a guest' } = {}): SmpTopology {
  const topology = text.includes('=') ? parseTopology(text, max) : flat(parseCount(text, text, max));
  if (topology.cpus > max) {
    throw bad(`--smp ${text} asks for ${topology.cpus} vCPUs; ${whose} has at most ${max}.`);
  }
  return topology;
}

function flat(cpus: number): SmpTopology {
  return { cpus, sockets: 1, cores: cpus, threads: 1 };
}

function parseTopology(text: string, max: number): SmpTopology {
  const given = new Map<string, number>();
  for (const part of text.split(',')) {
    const [key = '', value = ''] = splitOnce(part, '=');
    if (!(KEYS as readonly string[]).includes(key)) {
      throw bad(`--smp ${text}: unknown key "${key}".${didYouMean(key, KEYS)}`);
    }
    if (given.has(key)) throw bad(`--smp ${text}: "${key}" is given twice.`);
    given.set(key, parseCount(value, text, max));
  }
  const sockets = given.get('sockets') ?? 1;
  const cores = given.get('cores') ?? 1;
  const threads = given.get('threads') ?? 1;
  return { cpus: sockets * cores * threads, sockets, cores, threads };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function parseCount(value: string, whole: string, max: number): number {
  const count = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (!(count >= 1)) {
    throw bad(`--smp ${whole}: "${value}" is not a number of vCPUs between 1 and ${max}.`);
  }
  return count;
}

function bad(message: string): Failure {
  return new Failure({ kind: 'usage', code: 'bad-smp', message, hint: HINT });
}
