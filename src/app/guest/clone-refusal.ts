import { join } from 'node:path';
import { cacheDir } from '../../platform/paths.ts';
import { readSmallJson, writeSmallJson } from '../../platform/small-json.ts';

/** By template. */
type Refusals = Readonly<Record<string, { readonly why: string; readonly at: number }>>;

/** What did not work may have been a busy machine. */
const REMEMBER_MS = 3_600_000;

const file = () => join(cacheDir(), 'clone-refusals.json');

/** Why a template was of no use a short while ago; undefined when it was, or was not tried. */
export function refusalOf(key: string, now = Date.now()): string | undefined {
  return recent(now)[key]?.why;
}

/** Not to try again, and to lose time, with every run. */
export function rememberRefusal(key: string, why: string, now = Date.now()): void {
  writeSmallJson(file(), { ...recent(now), [key]: { why, at: now } });
}

function recent(now: number): Refusals {
  const all = Object.entries(readSmallJson<Refusals>(file()) ?? {});
  return Object.fromEntries(all.filter(([, { at }]) => now - at < REMEMBER_MS && at <= now));
}
