import { findDaemon } from '../../src/platform/docker/find-daemon.ts';

/** Ends with 0 when devbox would find a Docker daemon. */
const { endpoint } = await findDaemon();
process.exitCode = endpoint ? 0 : 1;
