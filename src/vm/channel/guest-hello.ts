import { Failure } from '../../core/failure.ts';
import { type Frame, GuestFrame, HELLO_MAGIC, PROTOCOL_VERSION } from './frame.ts';
import { brokenRule, quoteGuestText } from './guest-failure.ts';
import { describeFrame, PayloadReader } from './payload.ts';

/** The first thing a guest says. */
export interface GuestHello {
  /** As `uname -r` prints it. */
  readonly release: string;
  readonly vcpus: number;
  readonly memoryKiB: number;
  /** Since its kernel started, nanoseconds. */
  readonly bootNs: number;
}

/** `id` is that of the RESUME it answers. Throws `Failure` guest/guest-protocol for what is not a hello, boot/guest-protocol-version for one we cannot speak with. */
export function parseHello(frame: Frame, id = 0): GuestHello {
  if (frame.type !== GuestFrame.hello || frame.id !== id)
    throw brokenRule('the first thing a guest says is HELLO', describeFrame(frame));
  const payload = new PayloadReader(frame);
  const magic = payload.u32();
  if (magic !== HELLO_MAGIC) throw brokenRule('HELLO carries the magic', `0x${magic.toString(16)}`);
  const lowest = payload.u16();
  const highest = payload.u16();
  if (lowest > PROTOCOL_VERSION || highest < PROTOCOL_VERSION) {
    throw new Failure({
      kind: 'boot',
      code: 'guest-protocol-version',
      message: `The guest speaks versions ${lowest} to ${highest} of the guest protocol; this devbox speaks ${PROTOCOL_VERSION}.`,
    });
  }
  const values = new Map(payload.strings().map(pair));
  const number = (key: string) => {
    const text = values.get(key) ?? '';
    if (!/^\d{1,18}$/.test(text)) throw brokenRule(`HELLO says ${key}`, quoteGuestText(text));
    return Number(text);
  };
  return {
    release: quoteGuestText(values.get('release') ?? 'unknown'),
    vcpus: number('vcpus'),
    memoryKiB: number('memory-kib'),
    bootNs: number('boot-ns'),
  };
}

export function pair(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw brokenRule('a pair is KEY=value', quoteGuestText(text));
  return [text.slice(0, equals), text.slice(equals + 1)];
}
