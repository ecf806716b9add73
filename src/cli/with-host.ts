import type { GuestRequest } from '../app/request.ts';
import { ensureHost } from '../app/setup/ensure-host.ts';
import type { UseCase } from '../app/use-case.ts';
import { canAsk } from './ask.ts';

/** A use case that first sees to it that the machine has what runs need. */
export function withHost<Request extends GuestRequest>(perform: UseCase<Request>): UseCase<Request> {
  return async (request, context) => {
    const { bus, signal } = context;
    await ensureHost({ emit: bus.emit, now: bus.now, signal, ask: canAsk(signal) });
    return perform(request, context);
  };
}
