import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Header } from 'tar';
import { TINY_KERNEL } from './source-context.fixture.ts';

export interface CraftedMember {
  readonly path: string;
  readonly text?: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  readonly linkpath?: string;
  readonly mode?: number;
  /** Of the header, whatever the text is. */
  readonly size?: number;
}

/** A tar archive of exactly these members, whatever a decent program would make of them. */
export function craftTar(members: readonly CraftedMember[]): Buffer {
  const blocks = members.flatMap(({ path, text = '', type = 'File', linkpath, mode = 0o644, size }) => {
    const header = new Header({
      path,
      type,
      mode,
      size: size ?? Buffer.byteLength(text),
      mtime: new Date(1_700_000_000_000),
      uid: 0,
      gid: 0,
      ...(linkpath !== undefined && { linkpath }),
    });
    const block = Buffer.alloc(512);
    header.encode(block);
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
    body.write(text);
    return [block, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The smallest kernel in one directory at the top, then what else is given. */
export function kernelTar(more: readonly CraftedMember[] = []): Buffer {
  const files = Object.entries(TINY_KERNEL).map(([name, text]) => ({ path: `linux-6.12/${name}`, text }));
  return craftTar([{ path: 'linux-6.12/', type: 'Directory', mode: 0o755 }, ...files, ...more]);
}

export const sha256Of = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

/** Writes an archive and says what would be asked for. */
export function tarballAt(file: string, data: Uint8Array) {
  writeFileSync(file, data);
  return { kind: 'tarball', location: file, sha256: sha256Of(data) } as const;
}
