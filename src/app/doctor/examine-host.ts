import { userInfo } from 'node:os';
import { thisDistribution } from '../setup/distribution.ts';
import { installCommands } from '../setup/install-commands.ts';
import { REQUIREMENTS } from '../setup/requirements.ts';
import type { Check, CheckContext } from './check.ts';
import {
  checkApt,
  checkBubblewrap,
  checkDocker,
  checkRequirement,
  checkSubordinateIds,
} from './check-build.ts';
import { checkNode, checkPlatform } from './check-platform.ts';
import { checkKvm, checkQemu } from './check-qemu.ts';
import { checkCache, checkDisk, checkMemory, checkRuntime } from './check-resources.ts';

/** Looks at everything a run needs, in the order in which a person would mend it. */
export function examineHost(signal: AbortSignal): Promise<Check[]> {
  const { uid, username } = userInfo();
  const context: CheckContext = {
    signal,
    uid,
    username,
    installCommand: (ids) => {
      const wanted = REQUIREMENTS.filter(({ id }) => ids.includes(id));
      return installCommands(wanted, thisDistribution(), uid).at(-1) ?? 'devbox setup';
    },
  };
  return Promise.all([
    checkPlatform(),
    checkNode(),
    checkQemu(context),
    checkKvm(context),
    checkRequirement('mmdebstrap', context),
    checkApt(),
    checkRequirement('debian-archive-keyring', context),
    checkBubblewrap(context),
    checkSubordinateIds(context),
    checkRequirement('setpriv', context),
    checkDocker(context),
    checkDisk(),
    checkMemory(),
    checkCache(context),
    checkRuntime(),
  ]);
}

/** Whether runs can work. */
export function isFit(checks: readonly Check[]): boolean {
  return checks.every(({ required, status }) => !required || status !== 'missing');
}
