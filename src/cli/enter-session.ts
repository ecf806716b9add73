import { enterGuest } from '../app/enter-guest.ts';
import type { EnterRequest } from '../app/request.ts';
import { runSession, type ShownSessionOptions } from './session.ts';

/** A session in a guest of another devbox: nothing is booted, so the machine needs nothing. */
export function enterSession(
  request: EnterRequest,
  session: Omit<ShownSessionOptions<EnterRequest>, 'request' | 'perform'>,
): Promise<number> {
  return runSession({ ...session, request, perform: enterGuest });
}
