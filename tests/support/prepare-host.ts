import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** What the tests need of the machine is what devbox needs: it installs that itself. */
export default function prepareHost(): void {
  const devbox = resolve(import.meta.dirname, '../../devbox');
  const { status } = spawnSync(devbox, ['setup', '--yes'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('`devbox setup` could not install what the tests need; see above.');
}
