import { devboxVersion } from '../../platform/version.ts';
import { print } from './print.ts';

export async function version(): Promise<number> {
  await print(`devbox ${devboxVersion()}\n`);
  return 0;
}
