import { GUEST_PORT_NAME } from './channel/frame.ts';
import type { ShareDevice, VmSpec } from './spec.ts';

/** The serial number of the disk that PID 1 makes its root. */
export const ROOT_DISK_SERIAL = 'devbox-root';
/** The serial number of the disk that PID 1 puts output in bulk on. */
const BULK_DISK_SERIAL = 'devbox-bulk';

/** The arguments for QEMU, without the program's own name. */
export function qemuArgs(spec: VmSpec): string[] {
  return [
    ...machineArgs(spec),
    ...cpuAndMemoryArgs(spec),
    // A clone has its kernel in its memory; QEMU would keep another copy.
    ...(spec.incoming ? [] : kernelArgs(spec)),
    ...bulkDiskArgs(spec), // First, so that it is there when the guest has found its root.
    ...rootDiskArgs(spec),
    ...channelArgs(spec),
    ...(spec.sharePorts === undefined ? spec.shares.flatMap(shareArgs) : hotPlugArgs(spec)),
    ...(spec.incoming ? ['-S', '-incoming', 'defer'] : []),
  ];
}

function machineArgs(spec: VmSpec): string[] {
  return [
    ...['-name', `${escapeOption(spec.name)},debug-threads=on`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    // The older `pc` computes its table of interrupts anew, in ACPI bytecode, for each device that a kernel finds: a tenth
    // of a second for each when emulated. Here the table is a constant.
    ...['-machine', 'q35,usb=off,sata=off,smbus=off,smm=off,vmport=off,hpet=off,memory-backend=ram'],
    // With a thread for each vCPU, QEMU races with kernels that patch their code: switching sched_ext on or off then ends
    // in `Oops: int3` about once in a hundred times. On two cores one thread boots faster, too.
    ...['-accel', spec.accel === 'kvm' ? 'kvm' : 'tcg,thread=single'],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny'],
  ];
}

function cpuAndMemoryArgs(spec: VmSpec): string[] {
  const { cpus, sockets, cores, threads } = spec.smp;
  return [
    // Kernels that see erms or fsrm copy by `rep movsb`, which is emulated byte by byte.
    ...['-cpu', spec.accel === 'kvm' ? 'host' : 'max,-erms,-fsrm'],
    ...['-smp', `cpus=${cpus},sockets=${sockets},cores=${cores},threads=${threads}`],
    ...['-m', `${Math.floor(spec.memoryBytes / 2 ** 20)}M`],
    // virtiofs needs memory that its daemon can map too.
    ...['-object', json({ ...memoryBackend(spec), id: 'ram', size: mebibytes(spec), share: true })],
  ];
}

function memoryBackend({ ramFile }: VmSpec) {
  return ramFile === undefined
    ? { 'qom-type': 'memory-backend-memfd' }
    : { 'qom-type': 'memory-backend-file', 'mem-path': ramFile };
}

function mebibytes(spec: VmSpec): number {
  return Math.floor(spec.memoryBytes / 2 ** 20) * 2 ** 20;
}

function kernelArgs(spec: VmSpec): string[] {
  return ['-kernel', spec.kernelImage, '-initrd', spec.initramfs, '-append', kernelCommandLine(spec)];
}

/**
 * The kernel's command line. Errors end the machine at once (panic=-1 with -no-reboot), SysRq always answers (a hang
 * record needs it), and what only costs time in a throw-away guest is off.
 */
export function kernelCommandLine(spec: Pick<VmSpec, 'accel' | 'append' | 'timerHz'>): string {
  const ours = [
    'console=ttyS0',
    'rdinit=/init',
    'panic=-1',
    'sysrq_always_enabled',
    'nokaslr',
    'audit=0',
    'cryptomgr.notests',
    'random.trust_cpu=on',
    'tsc=reliable',
    'printk.devkmsg=on',
    'init_on_alloc=0',
    'damon_stat.enabled=0',
  ];
  // Under emulation there is no speculation to mitigate, and the mitigations cost a tenth of the boot.
  if (spec.accel === 'tcg') ours.push('mitigations=off', 'no_timer_check', 'clocksource=tsc');
  // QEMU 7.2 translates a program anew that lies at another address than the last time, and /bin/true takes seven times as
  // long. QEMU 10 does not.
  if (spec.accel === 'tcg') ours.push('norandmaps');
  if (spec.accel === 'tcg' && spec.timerHz !== undefined) ours.push(`lpj=${loopsPerJiffy(spec.timerHz)}`);
  return [...ours, ...spec.append].join(' ');
}

/**
 * How many ticks of the TSC a kernel is to take for one of its timer, so that it need not find out for a tenth of a second
 * for each vCPU. The emulated TSC runs at the host's rate; one that is slower than this makes short waits longer, which
 * no emulated device minds.
 */
function loopsPerJiffy(timerHz: number): number {
  return Math.round(4e9 / timerHz);
}

function rootDiskArgs(spec: VmSpec): string[] {
  return [
    '-blockdev',
    json({
      driver: 'raw',
      'node-name': 'root',
      'read-only': true,
      file: { driver: 'file', filename: spec.rootImage, 'read-only': true, locking: 'off' },
    }),
    ...['-device', json({ driver: 'virtio-blk-pci', drive: 'root', serial: ROOT_DISK_SERIAL })],
  ];
}

function bulkDiskArgs({ sockets }: VmSpec): string[] {
  const cache = { direct: false, 'no-flush': true };
  const file = { driver: 'file', filename: sockets.bulk, locking: 'off', cache };
  return [
    ...['-blockdev', json({ driver: 'raw', 'node-name': 'bulk', cache, file })],
    // When the host's disk is full the guest is told, and sends through its port, instead of being stopped.
    ...[
      '-device',
      json({ driver: 'virtio-blk-pci', drive: 'bulk', serial: BULK_DISK_SERIAL, werror: 'report' }),
    ],
  ];
}

function channelArgs(spec: VmSpec): string[] {
  return [
    ...socketChardev('qmp', spec.sockets.qmp),
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-chardev', `pipe,id=console,path=${escapeOption(spec.sockets.console)}`],
    ...['-serial', 'chardev:console'],
    ...socketChardev('guest', spec.sockets.guest),
    ...['-device', 'virtio-serial-pci,max_ports=4'],
    ...['-device', `virtserialport,chardev=guest,name=${GUEST_PORT_NAME},nr=1`],
  ];
}

function socketChardev(id: string, path: string): string[] {
  return ['-chardev', `socket,id=${id},path=${escapeOption(path)}`];
}

function shareArgs(share: ShareDevice): string[] {
  if (share.kind === 'virtiofs') {
    return [
      ...socketChardev(share.tag, share.socket),
      ...['-device', `vhost-user-fs-pci,chardev=${share.tag},tag=${share.tag},queue-size=1024`],
    ];
  }
  return [...fsdevArgs(share), '-device', `virtio-9p-pci,fsdev=${share.tag},mount_tag=${share.tag}`];
}

function fsdevArgs(share: Extract<ShareDevice, { kind: '9p' }>): string[] {
  const readOnly = share.readOnly ? ',readonly=on' : '';
  return [
    '-fsdev',
    `local,id=${share.tag},path=${escapeOption(share.path)},security_model=none,multidevs=remap${readOnly}`,
  ];
}

/** Ports to plug shares into, and those back ends that QEMU takes on its command line only. */
function hotPlugArgs({ shares, sharePorts = 0 }: VmSpec): string[] {
  const ports = Array.from({ length: sharePorts }, (_, index) => index);
  return [
    ...ports.flatMap((port) => ['-device', `pcie-root-port,id=${sharePort(port)},chassis=${port + 1}`]),
    ...shares.flatMap((share) => (share.kind === '9p' ? fsdevArgs(share) : [])),
  ];
}

/** The name of the port that the share of this number is plugged into. */
export function sharePort(index: number): string {
  return `port${index}`;
}

/** In QEMU's option syntax a comma separates options and two commas are one comma. */
function escapeOption(value: string): string {
  return value.replaceAll(',', ',,');
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
