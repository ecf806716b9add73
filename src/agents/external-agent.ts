import { basename } from 'node:path';
import { Failure } from '../core/failure.ts';
import { shellWord } from '../core/shell-word.ts';
import { readElfHeader, readInterpreter } from './elf-header.ts';
import type { AgentManifest } from './manifest.ts';

/** What the host found at the path of an agent. Made by whoever touches the file system. */
export type ExecutableFacts =
  | { readonly kind: 'missing' /** What may have been meant. */; readonly near?: string | undefined }
  | { readonly kind: 'directory' /** Executables in it. */; readonly programs?: readonly string[] }
  | {
      readonly kind: 'file';
      /** Permission bits. */
      readonly mode: number;
      /** The first bytes: 4 KiB when the file has as many. */
      readonly head: Uint8Array;
    }
  /** A socket, a device… */
  | { readonly kind: 'other' };

/** How many bytes `ExecutableFacts.head` should hold. */
export const EXECUTABLE_HEAD_BYTES = 4096;

export interface ExternalExecutable {
  readonly format: 'elf' | 'script';
  /** The dynamic linker or the script's interpreter, which must exist in the guest. Undefined: a static program. */
  readonly interpreter?: string;
}

const X86_64 = 62;
const ANY_EXECUTE = 0o111;

/** Whether a guest (x86-64) could run the file. Throws a usage Failure that says why not. `path` is as the user gave it. */
export function inspectExecutable(path: string, facts: ExecutableFacts): ExternalExecutable {
  const refuse = (code: string, message: string, hint: string) =>
    new Failure({ kind: 'usage', code, message, hint });
  switch (facts.kind) {
    case 'missing':
      throw refuse(
        'agent-missing',
        `The agent ${path} does not exist.`,
        facts.near === undefined
          ? 'Give the path of an executable, or one of the agents that `devbox agent list` shows.'
          : `Did you mean ${shellWord(facts.near)}?`,
      );
    case 'directory':
      throw refuse(
        'agent-is-directory',
        `The agent ${path} is a directory, not an executable.`,
        facts.programs === undefined || facts.programs.length === 0
          ? 'Give the path of an executable.'
          : `There are programs in it: ${facts.programs.map(shellWord).join(', ')}`,
      );
    case 'other':
      throw refuse('agent-not-a-file', `The agent ${path} is not a file.`, 'Give the path of an executable.');
    case 'file':
      break;
    default:
      return facts satisfies never;
  }
  if ((facts.mode & ANY_EXECUTE) === 0)
    throw refuse(
      'agent-not-executable',
      `The agent ${path} is not executable.`,
      `Run: chmod +x ${shellWord(path)}`,
    );

  const script = scriptInterpreter(facts.head);
  if (script !== undefined) return { format: 'script', interpreter: script };

  const elf = readElfHeader(facts.head);
  if (!elf)
    throw refuse(
      'agent-not-a-program',
      `The agent ${path} is neither an ELF program nor a script that starts with #!.`,
      'Give the compiled scheduler, or a script whose first line names its interpreter: #!/bin/sh',
    );
  if (elf.machine !== X86_64 || elf.bits !== 64 || !elf.littleEndian) {
    throw refuse(
      'agent-wrong-architecture',
      `The agent ${path} is for ${elf.machineName} (${elf.bits}-bit, ${elf.littleEndian ? 'little' : 'big'}-endian); the guest is x86-64.`,
      elf.machineName === 'BPF'
        ? 'A BPF object needs a program that loads it: give that one, or register it with bpftool in a script.'
        : 'Build it for x86-64.',
    );
  }
  if (elf.type !== 'executable' && elf.type !== 'shared')
    throw refuse(
      'agent-not-a-program',
      `The agent ${path} is an ELF file of type ${elf.type}, not a program.`,
      'Link it into a program first.',
    );
  const interpreter = readInterpreter(facts.head);
  return { format: 'elf', ...(interpreter !== undefined && { interpreter }) };
}

function scriptInterpreter(head: Uint8Array): string | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const line = new TextDecoder().decode(head.subarray(2, 256)).split('\n', 1)[0] ?? '';
  return line.trim().split(/\s+/, 1)[0] || undefined;
}

/** How to run an executable of the user's as an agent; `guestPath` is where the guest sees it. */
export function externalAgent(guestPath: string): AgentManifest {
  return {
    name: basename(guestPath),
    summary: 'An executable given by path',
    description: ['Ready as soon as any sched_ext scheduler is enabled; stopped with SIGINT.'],
    kind: 'sched_ext',
    requires: ['sched-ext'],
    argv: [guestPath],
    flags: [],
    promises: {},
    readyTimeoutMs: 15_000,
    stopSignal: 'SIGINT',
    hidden: true,
  };
}
