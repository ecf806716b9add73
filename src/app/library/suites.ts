import { compiledCases } from '../../build/selftests/compiled-cases.ts';
import { listSuites as suitesOf } from '../suite/suite.ts';
import { directoryOf, type Place } from './guest-options.ts';

export async function listKselftestCases(): Promise<readonly string[]> {
  return compiledCases();
}

export async function listSuites({
  cwd,
}: Place = {}): Promise<readonly { readonly name: string; readonly summary: string }[]> {
  return suitesOf(directoryOf(cwd));
}
