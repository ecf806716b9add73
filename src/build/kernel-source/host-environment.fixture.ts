import type { BuildEnvironment } from '../environment/environment.ts';
import { runLogged } from '../run-logged.ts';

/** Runs a script on the host, with the mounts' own paths in it instead of those inside. */
export function hostEnvironment(): BuildEnvironment {
  return {
    builder: 'embedded',
    image: 'none',
    toolchain: { digest: '', packages: {} },
    run: ({ argv, mounts, cwd: _cwd, network: _network, limits: _limits, env: _env, ...logged }) =>
      runLogged({
        ...logged,
        argv: argv.map((word) =>
          mounts.reduce((text, { guest, host }) => text.replaceAll(guest, host), word),
        ),
      }),
  };
}
