import { join } from 'node:path';
import { cacheDir } from '../../platform/paths.ts';
import { readSmallJson, writeSmallJson } from '../../platform/small-json.ts';

/** By template. */
type Refusals = Readonly<
  Record<string, { readonly why: string; readonly at: number; readonly times: number }>
>;

/** What did not work may have been a busy machine: once is no reason not to try again, and later it may be over. */
const ENOUGH_TIMES = 2;
const REMEMBER_MS = 3_600_000;

const file = () => join(cacheDir(), 'clone-refusals.json');

/** Why a template was of no use more than once in the last hour; undefined for any other. */
export function refusalOf(key: string, now = Date.now()): string | undefined {
  const refusal = recent(now)[key];
  return refusal && refusal.times >= ENOUGH_TIMES ? refusal.why : undefined;
}

/** Not to try again, and to lose time, with every run. */
export function rememberRefusal(key: string, why: string, now = Date.now()): void {
  const all = recent(now);
  const times = (all[key]?.times ?? 0) + 1;
  writeSmallJson(file(), { ...all, [key]: { why, at: now, times } });
}

function recent(now: number): Refusals {
  const all = Object.entries(readSmallJson<Refusals>(file()) ?? {});
  return Object.fromEntries(all.filter(([, { at }]) => now - at < REMEMBER_MS && at <= now));
}
