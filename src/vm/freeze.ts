import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { abortFailure, Failure } from '../core/failure.ts';
import type { HeldProcess } from './channel/guest-process.ts';
import { type ClockReading, readClock, wrongRate } from './clock-rate.ts';
import { flushConsole } from './flush-console.ts';
import { saveState } from './migration.ts';
import type { RamFile } from './ram-file.ts';
import { type Extent, packRam } from './ram-pack.ts';
import type { ReadyVm } from './running-vm.ts';
import { ramOf, stateOf, type Template, writeTemplate } from './template.ts';

export interface FreezeOptions {
  readonly machine: ReadyVm;
  readonly ram: RamFile;
  /** All that the machine has printed; it grows while more comes. */
  readonly lines: readonly string[];
  /** Of the guest's clock, some time ago. */
  readonly clock: ClockReading;
  /** What runs in it, and waits. */
  readonly held?: HeldProcess | undefined;
  /** An empty directory for the template. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

/** Most of it goes to looking through the memory: 0.2 s for each GiB. */
const FREEZE_MS = 60_000;
/** A machine that prints more than this while it boots is booted anew each time. */
const MAX_LINES = 20_000;

/**
 * Makes a template of a machine that has said hello, and ends it. Rejects with `NotFrozen`, its machine running on as if
 * nothing had been, when that cannot be; with the first cause when the machine ends meanwhile.
 */
export async function freeze(options: FreezeOptions): Promise<Template> {
  const { signal, machine } = options;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => {}); // It may come when all is over.
  const onAbort = () => reject(abortFailure(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  const late = new NotFrozen('it took too long', { runsOn: false });
  const timer = setTimeout(reject, FREEZE_MS, late);
  void machine.vm.ended.death.then(reject);
  const freezing = freezeLiving(options);
  freezing.catch(() => {}); // What was lost against is told instead.
  try {
    return await Promise.race([freezing, stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** What becomes of a machine that was not frozen. */
export class NotFrozen extends Failure {
  /** False when it has been ended all the same. */
  readonly runsOn: boolean;

  constructor(why: string, { runsOn = true, cause }: { runsOn?: boolean; cause?: unknown } = {}) {
    super({ kind: 'infrastructure', code: 'not-frozen', message: why, cause });
    this.runsOn = runsOn;
  }
}

const wrongClock = (rate: number) =>
  `its clock goes ${rate.toFixed(1)} times as fast as ours: its kernel measured it while this machine was busy`;

const COMPLAINED = 'its kernel complained while it booted';

async function freezeLiving(options: FreezeOptions): Promise<Template> {
  const { machine, lines, dir } = options;
  const { spec, console, ended, qemu } = machine.vm;
  const flushed = await flushConsole({ spec, channel: machine.channel, console });
  if (!flushed) throw new NotFrozen('its console could not be read to its end');
  if (console.findings() > 0) throw new NotFrozen(COMPLAINED);
  const rate = wrongRate(options.clock, await readClock(machine.channel, options.signal));
  if (rate !== undefined) throw new NotFrozen(wrongClock(rate), { runsOn: false });
  if (lines.length > MAX_LINES) throw new NotFrozen('it printed too much while it booted');
  const extents = await copyOut(options);
  ended.expect();
  await machine.qmp.execute('quit').catch(() => {}); // It may be gone before it has answered.
  await qemu.exited;
  const unfinishedLine = await console.cut();
  // It came between our last look and the stop.
  if (console.findings() > 0) throw new NotFrozen(COMPLAINED, { runsOn: false });
  const { held } = options;
  const template = { dir, extents, console: [...lines], unfinishedLine, ...(held && { held }) };
  writeTemplate(template);
  return template;
}

/** Stops the machine; lets it go on when it cannot be copied. */
async function copyOut({ machine, ram, dir, signal }: FreezeOptions): Promise<Extent[]> {
  const { qmp, vm } = machine;
  vm.ended.expectStop(true);
  await qmp.execute('stop');
  try {
    const socket = join(dirname(vm.spec.sockets.qmp), 'state.sock');
    await writeFile(stateOf(dir), await saveState(qmp, socket));
    return await packRam(ram.file, ramOf(dir), signal);
  } catch (cause) {
    if (signal.aborted) throw abortFailure(signal);
    await qmp.execute('cont');
    vm.ended.expectStop(false);
    throw new NotFrozen((cause as Error).message, { cause });
  }
}
