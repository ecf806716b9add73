import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aptDir, type DebianSource } from './debian-apt.ts';
import type { DebianKernel } from './debian-packages.ts';

/** What was decided when the mirror was asked. */
export interface Answer extends DebianKernel {
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
}

/** `version` when one was asked for, else the answer is about the best one. */
export function readAnswer(source: DebianSource, version?: string): Answer | undefined {
  try {
    const answer = JSON.parse(readFileSync(answerFile(source, version), 'utf8')) as Answer;
    return answer.packages.length > 0 && answer.askedAt <= Date.now() ? answer : undefined;
  } catch {
    return undefined;
  }
}

export function writeAnswer(answer: Answer, source: DebianSource, version?: string): void {
  const draft = `${answerFile(source, version)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(answer));
  renameSync(draft, answerFile(source, version));
}

function answerFile({ suite, flavour }: DebianSource, version?: string): string {
  return join(aptDir(), `${[suite, flavour, version ?? 'best'].join('-')}.json`);
}
