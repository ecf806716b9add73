import type { Duplex } from 'node:stream';
import type { ConnectOptions, GuestChannel } from './guest-channel.ts';
import { GuestConnection } from './guest-connection.ts';

/** Takes over `socket` and ends it with the connection. Aborting `signal` ends the connection. */
export function connectGuestChannel(socket: Duplex, options: ConnectOptions = {}): GuestChannel {
  return new GuestConnection(socket, options);
}
