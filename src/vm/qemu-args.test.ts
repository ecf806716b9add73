import { describe, expect, it } from 'vitest';
import { kernelCommandLine, qemuArgs } from './qemu-args.ts';
import type { VmSpec } from './spec.ts';

const spec: VmSpec = {
  ...{ name: 'devbox-test', qemu: 'qemu', accel: 'tcg', append: [], shares: [] },
  smp: { cpus: 8, sockets: 2, cores: 2, threads: 2 },
  memoryBytes: 2 ** 30,
  ...{ kernelImage: '/k/vmlinux', initramfs: '/i', rootImage: '/r.ext4' },
  sockets: { qmp: '/s/qmp', console: '/s/console', guest: '/s/guest', bulk: '/s/bulk' },
};
const optionOf = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1];

/** By their names, in the order in which the guest finds them. */
const disksOf = (args: readonly string[]) =>
  new Map(
    args.flatMap((arg, at) => {
      if (args[at - 1] !== '-blockdev') return [];
      const disk = JSON.parse(arg);
      return [[disk['node-name'], disk]];
    }),
  );

describe('qemuArgs', () => {
  it('tells QEMU the whole topology and the memory in MiB', () => {
    const args = qemuArgs(spec);
    expect(optionOf(args, '-smp')).toBe('cpus=8,sockets=2,cores=2,threads=2');
    expect(optionOf(args, '-m')).toBe('1024M');
    expect(JSON.parse(optionOf(args, '-object') ?? '').size).toBe(2 ** 30);
  });

  it('emulates on one thread, without the string instructions that emulate badly, or uses the host CPU', () => {
    expect(optionOf(qemuArgs(spec), '-accel')).toBe('tcg,thread=single');
    expect(optionOf(qemuArgs(spec), '-cpu')).toBe('max,-erms,-fsrm');
    expect(optionOf(qemuArgs({ ...spec, accel: 'kvm' }), '-accel')).toBe('kvm');
    expect(optionOf(qemuArgs({ ...spec, accel: 'kvm' }), '-cpu')).toBe('host');
  });

  it('attaches the root disk read-only, whatever is in its path', () => {
    const disk = disksOf(qemuArgs({ ...spec, rootImage: '/a,b="c"\n.ext4' })).get('root');
    expect(disk['read-only']).toBe(true);
    expect(disk.file.filename).toBe('/a,b="c"\n.ext4');
  });

  it('attaches a disk for output in bulk before the root, so that it is there when that is found', () => {
    const disks = disksOf(qemuArgs(spec));
    expect([...disks.keys()]).toEqual(['bulk', 'root']);
    expect(disks.get('bulk').file.filename).toBe('/s/bulk');
  });

  it('doubles commas where QEMU would split at them', () => {
    const args = qemuArgs({
      ...spec,
      sockets: { ...spec.sockets, guest: '/s,1/guest' },
      shares: [{ kind: '9p', tag: 'share0', path: '/my,dir', readOnly: true }],
    });
    expect(args).toContain('socket,id=guest,path=/s,,1/guest');
    expect(optionOf(args, '-fsdev')).toContain(
      'path=/my,,dir,security_model=none,multidevs=remap,readonly=on',
    );
  });

  it('has a device and a socket for each virtiofs share', () => {
    const args = qemuArgs({ ...spec, shares: [{ kind: 'virtiofs', tag: 'share0', socket: '/s/0' }] });
    expect(args).toContain('socket,id=share0,path=/s/0');
    expect(args).toContain('vhost-user-fs-pci,chardev=share0,tag=share0,queue-size=1024');
  });

  it('keeps ports free for shares that are plugged in later, and has what cannot be given later', () => {
    const shares = [
      { kind: 'virtiofs', tag: 'share0', socket: '/s/0' },
      { kind: '9p', tag: 'share1', path: '/x', readOnly: false },
    ] as const;
    const args = qemuArgs({ ...spec, shares, sharePorts: 2 });
    expect(args).toContain('pcie-root-port,id=port0,chassis=1');
    expect(args).toContain('pcie-root-port,id=port1,chassis=2');
    expect(args.join(' ')).not.toMatch(/vhost-user-fs|virtio-9p|id=share0/);
    expect(optionOf(args, '-fsdev')).toContain('id=share1,path=/x');
  });

  it('gives a clone a file for its memory, and lets it wait for its state', () => {
    const args = qemuArgs({ ...spec, ramFile: '/dev/shm/ram', incoming: true });
    expect(JSON.parse(optionOf(args, '-object') ?? '')).toMatchObject({
      ...{ 'qom-type': 'memory-backend-file', 'mem-path': '/dev/shm/ram', share: true, size: 2 ** 30 },
    });
    expect(args.slice(-3)).toEqual(['-S', '-incoming', 'defer']);
    expect(args).not.toContain('-kernel');
  });
});

describe('kernelCommandLine', () => {
  it('gives the user the last word', () => {
    expect(kernelCommandLine({ accel: 'kvm', append: ['panic=0', 'quiet'] })).toMatch(
      /panic=-1 .* panic=0 quiet$/,
    );
  });

  it('spares an emulated kernel whose timer is known the measuring of its vCPUs', () => {
    expect(kernelCommandLine({ accel: 'tcg', append: [], timerHz: 250 })).toMatch(/ lpj=16000000\b/);
    expect(kernelCommandLine({ accel: 'tcg', append: [] })).not.toContain('lpj=');
    expect(kernelCommandLine({ accel: 'kvm', append: [], timerHz: 250 })).not.toContain('lpj=');
  });

  it('has programs lie where they lay the last time, when what was translated can be used again', () => {
    expect(kernelCommandLine({ accel: 'tcg', append: [] })).toMatch(/ norandmaps\b/);
    expect(kernelCommandLine({ accel: 'kvm', append: [] })).not.toContain('norandmaps');
  });

  it('leaves the mitigations on where there is something to mitigate', () => {
    expect(kernelCommandLine({ accel: 'kvm', append: [] })).not.toContain('mitigations');
    expect(kernelCommandLine({ accel: 'tcg', append: [] })).toContain('mitigations=off');
  });
});
