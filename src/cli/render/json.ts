import { isUtf8 } from 'node:buffer';
import { createEventEncoder } from '../../platform/record/event-codec.ts';
import type { Output } from '../output.ts';
import type { Renderer } from './renderer.ts';

/** Every event as a line of JSON: what the record holds, with a stream's bytes in the event as `text` or `base64`. */
export function createJsonRenderer(out: Output): Renderer {
  const encode = createEventEncoder();
  return {
    sink: (event) => {
      const stored = encode(event);
      const object = event.type === 'guest-output' ? { ...stored, ...inlined(event.data) } : stored;
      return out.write(`${JSON.stringify(object)}\n`);
    },
    finish: async () => {},
  };
}

function inlined(data: Uint8Array): { text: string } | { base64: string } {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
}
