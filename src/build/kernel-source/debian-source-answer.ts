import { join } from 'node:path';
import { readSmallJson, writeSmallJson } from '../../platform/small-json.ts';
import { aptDir } from '../kernel/debian-apt.ts';

/** A version of a package, as the mirror's signed lists had it. */
export interface SourceVersion {
  readonly version: string;
  /** Of the .deb, hex. */
  readonly sha256: string;
  /** Of the .deb, bytes. */
  readonly size: number;
}

export interface SourceAnswer {
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  /** Newest first. */
  readonly versions: readonly SourceVersion[];
}

interface Asked {
  readonly package: string;
  readonly suite: string;
}

export function readSourceAnswer(asked: Asked): SourceAnswer | undefined {
  const answer = readSmallJson<SourceAnswer>(answerFile(asked));
  const isWhole = answer && Array.isArray(answer.versions) && answer.askedAt <= Date.now();
  return isWhole && answer.versions.length > 0 ? answer : undefined;
}

export function writeSourceAnswer(asked: Asked, answer: SourceAnswer): void {
  writeSmallJson(answerFile(asked), answer);
}

const answerFile = ({ suite, package: name }: Asked) => join(aptDir(), `source-${suite}-${name}.json`);

/** Reads what the listing script prints. */
export function parseListing(text: string, name: string) {
  const versions: SourceVersion[] = [];
  for (const stanza of text.split(/\n\n+/)) {
    const field = (label: string) => new RegExp(`^${label}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
    const [version, sha256, size] = [field('Version'), field('SHA256'), Number(field('Size'))];
    const isWhole = field('Package') === name && version !== '' && /^[0-9a-f]{64}$/.test(sha256) && size > 0;
    if (isWhole && !versions.some((known) => known.version === version))
      versions.push({ version, sha256, size });
  }
  const names = [...text.matchAll(/^Known: (linux-source-\S+)$/gm)].map((match) => match[1] as string);
  return { versions, names: names.sort() };
}
