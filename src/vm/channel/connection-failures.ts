import { Failure } from '../../core/failure.ts';
import { MAX_EXECS, MAX_PAYLOAD_BYTES } from './frame.ts';
import { quoteGuestText } from './guest-failure.ts';

export function disconnected(greeted: boolean, cause?: Error): Failure {
  return new Failure({
    kind: greeted ? 'guest' : 'boot',
    code: 'guest-disconnected',
    message: greeted
      ? 'The control connection to the guest ended without having been asked to.'
      : 'The control connection to the guest ended before the guest said hello.',
    ...(cause ? { cause } : {}),
  });
}

export function rejectedByGuest(rule: string): Failure {
  return new Failure({
    kind: 'guest',
    code: 'guest-rejected-host',
    message: `The guest ended the connection because devbox broke the protocol: ${quoteGuestText(rule)}.`,
    hint: 'This is a bug of devbox, or a guest that misbehaves.',
  });
}

export function tooManyExecs(): Failure {
  return new Failure({
    kind: 'guest',
    code: 'too-many-execs',
    message: `A guest runs at most ${MAX_EXECS} commands at a time.`,
    hint: 'Wait for one of them to end.',
  });
}

export function requestTooLarge(what: string, bytes: number): Failure {
  return new Failure({
    kind: 'usage',
    code: 'guest-request-too-large',
    message: `${what}: it takes ${bytes} bytes to ask, and a request has at most ${MAX_PAYLOAD_BYTES}.`,
  });
}

/** A listener threw: the connection cannot go on, and its cause must not be lost. */
export function bug(cause: unknown): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'guest-channel-bug',
    message: `A bug in devbox ended the connection to the guest: ${String(cause)}`,
    cause,
  });
}
