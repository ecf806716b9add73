import { expect, it } from 'vitest';
import { judgeKvm, type TinyBoot } from './kvm-probe.ts';

const boot = (ms: number, booted = true): TinyBoot => ({
  ...{ booted, ms },
  detail: booted ? 'a test guest booted' : 'a test guest died',
});

async function judge(kvm: TinyBoot, tcg?: TinyBoot) {
  const asked: string[] = [];
  const probe = await judgeKvm(async (accel) => {
    asked.push(accel);
    return accel === 'kvm' ? kvm : (tcg as TinyBoot);
  });
  return { ...probe, asked };
}

it('takes a KVM that boots a guest at once, and not one that does not', async () => {
  expect(await judge(boot(100))).toEqual({ usable: true, detail: 'a test guest booted', asked: ['kvm'] });
  expect(await judge(boot(200, false))).toEqual({
    usable: false,
    detail: 'a test guest died',
    asked: ['kvm'],
  });
});

it('holds a slow one against emulation, which a busy host makes slow, too', async () => {
  expect(await judge(boot(4700), boot(400))).toEqual({
    usable: false,
    detail: 'a test guest took 4.70 s to boot with KVM, and 400 ms without',
    asked: ['kvm', 'tcg'],
  });
  expect(await judge(boot(1500), boot(4000))).toMatchObject({ usable: true, asked: ['kvm', 'tcg'] });
  expect(await judge(boot(1500), boot(5000, false))).toMatchObject({ usable: true });
});
