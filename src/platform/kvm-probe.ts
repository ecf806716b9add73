import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ProcessExit } from '../core/event.ts';
import { abortFailure } from '../core/failure.ts';
import { formatDuration } from '../core/units.ts';
import { bootSector, EXIT_CODE, EXIT_PORT } from './boot-sector.ts';
import { runChild } from './child.ts';
import { findProgram } from './find-program.ts';
import { cacheDir } from './paths.ts';
import { readSmallJson, writeSmallJson } from './small-json.ts';

export interface KvmProbe {
  readonly usable: boolean;
  /** What was found, half a sentence: `a test guest booted`. */
  readonly detail: string;
  /** The command, or the change, that mends it, where one is known. */
  readonly fix?: string;
}

export interface KvmProbeOptions {
  readonly signal?: AbortSignal;
  /** Try again, whatever is remembered. */
  readonly fresh?: boolean;
}

/** A working KVM needs a tenth of a second. */
const PROBE_MS = 5000;
/** One that needs this long is looked at twice: the host may be busy, or not fit for it. */
const SLOW_MS = 1000;
const DEVICE = '/dev/kvm';
/** Counts up when the same machine may be judged otherwise. */
const RULE = 2;

/**
 * Whether a guest really boots with KVM here. That the device exists, opens and makes VMs proves nothing: nested and
 * paravirtual hosts do all that and then fail to run a guest, or run it at a crawl. So a tiny one is booted, as real ones are, and the answer
 * is remembered for this machine, its kernel and this QEMU.
 */
export async function probeKvm({ signal, fresh = false }: KvmProbeOptions = {}): Promise<KvmProbe> {
  if (signal?.aborted) throw abortFailure(signal);
  const closed = closedDevice();
  if (closed) return closed; // Not remembered: a permission can come and go.
  const qemu = findProgram('qemu-system-x86_64');
  if (qemu === undefined) return { usable: false, detail: 'QEMU is not installed', fix: 'devbox setup' };
  const file = join(cacheDir(), 'kvm-probe.json');
  const key = machineKey(qemu);
  const known = readSmallJson<{ key?: string; probe?: KvmProbe }>(file);
  if (!fresh && known?.key === key && known.probe) return known.probe;
  const probe = await judgeKvm((accel) => bootTinyGuest(qemu, accel, signal));
  writeSmallJson(file, { key, probe });
  return probe;
}

function closedDevice(): KvmProbe | undefined {
  if (!existsSync(DEVICE)) {
    return {
      usable: false,
      detail: `there is no ${DEVICE}`,
      fix: 'sudo modprobe -a kvm kvm_intel kvm_amd; if that fails, switch virtualization on in the firmware, or nested virtualization for this VM',
    };
  }
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    const { username } = userInfo();
    return {
      usable: false,
      detail: `${username} may not open ${DEVICE}`,
      fix: `sudo usermod -aG kvm ${username}   (then log in again)`,
    };
  }
}

/** The machine id survives a reboot; a new kernel or another QEMU may behave differently, so they are part of it. */
function machineKey(qemu: string): string {
  const { mtimeMs, size } = statSync(qemu);
  let machine = '';
  try {
    machine = readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    // Containers often have none: then the kernel's release has to do.
  }
  return [RULE, machine, release(), qemu, mtimeMs, size].join(' ');
}

/** How a tiny guest fared. */
export interface TinyBoot {
  readonly booted: boolean;
  readonly detail: string;
  readonly ms: number;
}

type Accelerator = 'kvm' | 'tcg';

/** On some nested hosts KVM works, and every exit of a guest takes so long that emulation is faster: there it is of no use. */
export async function judgeKvm(boot: (accel: Accelerator) => Promise<TinyBoot>): Promise<KvmProbe> {
  const kvm = await boot('kvm');
  if (!kvm.booted || kvm.ms < SLOW_MS) return { usable: kvm.booted, detail: kvm.detail };
  const emulated = await boot('tcg');
  if (!emulated.booted || emulated.ms >= kvm.ms) return { usable: true, detail: kvm.detail };
  const times = [kvm, emulated].map(({ ms }) => formatDuration(ms));
  return { usable: false, detail: `a test guest took ${times[0]} to boot with KVM, and ${times[1]} without` };
}

async function bootTinyGuest(
  qemu: string,
  accel: Accelerator,
  signal: AbortSignal | undefined,
): Promise<TinyBoot> {
  const dir = mkdtempSync(join(tmpdir(), 'devbox-kvm-'));
  const failed = new AbortController();
  const signals = [failed.signal, AbortSignal.timeout(PROBE_MS), ...(signal ? [signal] : [])];
  let words = '';
  const began = performance.now();
  const ended = (booted: boolean, detail: string) => ({ booted, detail, ms: performance.now() - began });
  try {
    const image = join(dir, 'boot.img');
    writeFileSync(image, bootSector());
    const { exit } = await runChild({
      argv: [qemu, ...probeArgs(image, accel)],
      signal: AbortSignal.any(signals),
      onOutput: (chunk) => {
        words = (words + chunk.toString('utf8')).slice(-4096);
        // QEMU does not end on this one: it stops the guest and waits for a debugger.
        if (words.includes('KVM internal error')) failed.abort();
      },
    });
    return exit.code === EXIT_CODE
      ? ended(true, 'a test guest booted')
      : ended(false, `a test guest did not boot: ${complaint(words) ?? describeEnd(exit)}`);
  } catch (error) {
    if (signal?.aborted) throw error;
    return failed.signal.aborted
      ? ended(false, 'a test guest died of a KVM internal error')
      : ended(false, `a test guest had not booted after ${PROBE_MS / 1000} s`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The machine and the processor that real guests get. */
function probeArgs(image: string, accel: Accelerator): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-m', '32M'],
    ...['-machine', 'pc,usb=off,smm=off,vmport=off,hpet=off'],
    ...(accel === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=single', '-cpu', 'max']),
    ...['-drive', `file=${image},format=raw,if=ide,readonly=off`],
    ...['-device', `isa-debug-exit,iobase=0x${EXIT_PORT.toString(16)},iosize=0x04`],
  ];
}

/** What QEMU calls an error, else the last thing it said. */
function complaint(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const found = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
  return found
    ?.replace(/^\S*qemu-system-x86_64: /, '')
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .trim();
}

function describeEnd(exit: ProcessExit): string {
  return exit.signal === undefined
    ? `QEMU ended with exit code ${exit.code}`
    : `QEMU was killed by ${exit.signal}`;
}
