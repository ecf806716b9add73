import type { Readable } from 'node:stream';

/** The only file of a tar archive that comes as a stream. Rejects when there is none, or it is longer than `limit` bytes. */
export async function readArchivedFile(archive: Readable, limit: number): Promise<Buffer> {
  const { Parser } = await import('tar');
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isThere = false;
  return new Promise((resolve, reject) => {
    const parser = new Parser({
      onReadEntry: (entry) => {
        if (entry.type !== 'File') {
          entry.resume();
          return;
        }
        isThere = true;
        entry.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= limit) chunks.push(chunk);
        });
      },
    });
    parser.on('end', () => {
      if (bytes > limit) reject(new Error(`it is larger than ${limit} bytes`));
      else if (!isThere) reject(new Error('it is not there'));
      else resolve(Buffer.concat(chunks));
    });
    parser.on('error', reject);
    archive.on('error', reject);
    archive.pipe(parser as unknown as NodeJS.WritableStream);
  });
}
