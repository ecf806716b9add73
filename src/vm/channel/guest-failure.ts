import { getSystemErrorMap } from 'node:util';
import { escapeForTerminal } from '../../core/escape-bytes.ts';
import { Failure, type FailureKind } from '../../core/failure.ts';

const MAX_GUEST_TEXT = 200;

/** Text of a guest for a message of ours: bounded and safe to print. */
export function quoteGuestText(text: string): string {
  const cut = text.length > MAX_GUEST_TEXT ? `${text.slice(0, MAX_GUEST_TEXT)}…` : text;
  return escapeForTerminal(cut).replaceAll('\n', '\\n');
}

/** The guest did what docs/guest-protocol.md forbids: `rule` is what should have held. */
export function brokenRule(rule: string, seen: string): Failure {
  return new Failure({
    kind: 'guest',
    code: 'guest-protocol',
    message: `The guest broke the protocol: ${rule} (${seen}).`,
    hint: 'Something in the guest has damaged PID 1 or writes to its port; the console may say what.',
  });
}

/** What the guest could not do for us, with the `errno` it met. */
export class GuestError extends Failure {
  /** `ENOENT`, `EACCES`… */
  readonly errno: string;

  constructor(what: string, errno: number, kind: FailureKind = 'guest') {
    const [name, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
    super({
      kind,
      code: `guest-${name.toLowerCase().replace(' ', '-')}`,
      message: `${what}: ${text} (${name})`,
    });
    this.name = 'GuestError';
    this.errno = name;
  }
}
