import { Failure } from '../../core/failure.ts';
import {
  EXEC_KEEP_LEFTOVERS,
  EXEC_REPORT,
  EXEC_STDIN,
  EXEC_TTY,
  encodeFrame,
  HostFrame,
  MAX_EXEC_BYTES,
  MAX_PAYLOAD_BYTES,
} from './frame.ts';
import type { ExecOptions } from './guest-process.ts';
import { cString, u16, u32 } from './payload.ts';

const MAX_STRINGS = 0xffff;

/**
 * The frames that ask for an exec: EXEC_PARTs when it does not fit one frame. Throws `Failure` usage/* for what
 * cannot be said.
 */
export function execFrames(id: number, options: ExecOptions, creditBytes: number): Buffer[] {
  const payload = execPayload(options, creditBytes);
  if (payload.length > MAX_EXEC_BYTES) {
    throw new Failure({
      kind: 'usage',
      code: 'exec-too-large',
      message: `Arguments and environment together have ${payload.length} bytes; a guest takes 1 MiB.`,
    });
  }
  const frames: Buffer[] = [];
  for (let at = 0; at < payload.length; at += MAX_PAYLOAD_BYTES) {
    const part = payload.subarray(at, at + MAX_PAYLOAD_BYTES);
    const last = at + MAX_PAYLOAD_BYTES >= payload.length;
    frames.push(encodeFrame(last ? HostFrame.exec : HostFrame.execPart, id, part));
  }
  return frames;
}

function execPayload(options: ExecOptions, creditBytes: number): Buffer {
  const { argv, tty, cwd = '/', env = {} } = options;
  const entries = Object.entries(env);
  if (argv.length === 0 || argv.length > MAX_STRINGS || entries.length > MAX_STRINGS) {
    throw new Failure({
      kind: 'usage',
      code: 'exec-strings',
      message: `A command has 1 to ${MAX_STRINGS} arguments; this one has ${argv.length}.`,
    });
  }
  const flags =
    (tty ? EXEC_TTY : 0) |
    (options.stdin && !tty ? EXEC_STDIN : 0) |
    (options.report ? EXEC_REPORT : 0) |
    (options.keepLeftovers ? EXEC_KEEP_LEFTOVERS : 0);
  return Buffer.concat([
    u32(flags),
    u16(clampSize(tty?.rows ?? 0)),
    u16(clampSize(tty?.cols ?? 0)),
    u32(creditBytes),
    u16(argv.length),
    u16(entries.length),
    cString(cwd, 'working directory'),
    ...argv.map((argument) => cString(argument, 'argument')),
    ...entries.map(([name, value]) => cString(`${name}=${value}`, `environment variable ${name}`)),
  ]);
}

/** A terminal's size as a u16; a host terminal may say anything. */
export function clampSize(value: number): number {
  return Math.max(0, Math.min(0xffff, Math.trunc(value) || 0));
}
