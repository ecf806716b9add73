import type { CpuId } from '../policy/policy.ts';
import type { PriorityQueue } from '../policy/priority-queue.ts';

/**
 * Which CPUs have the longest queues, without looking at all of them. Lengths may have shrunk unnoticed, for tasks that go leave
 * their queues by themselves: that is put right only where it matters, at the head.
 */
export class LongestQueues {
  readonly #order: PriorityQueue;
  readonly #length: (cpu: CpuId) => number;

  /** `order`: one of the context's `cpuPriorityQueue`. */
  constructor(order: PriorityQueue, length: (cpu: CpuId) => number) {
    this.#order = order;
    this.#length = length;
  }

  /** To be called when the queue of a CPU has become longer. */
  grew(cpu: CpuId): void {
    this.#order.push(cpu, -this.#length(cpu));
  }

  /** The CPU with the longest queue; NONE when all are empty. */
  longest(): CpuId {
    const order = this.#order;
    while (order.length > 0) {
      const cpu = order.peek();
      const length = this.#length(cpu);
      if (length === 0) order.remove(cpu);
      else if (order.peekKey() !== -length) order.push(cpu, -length);
      else break;
    }
    return order.peek();
  }

  /** The longest first, then the others in no particular order; NONE after the last. */
  at(index: number): CpuId {
    return index === 0 ? this.longest() : this.#order.at(index);
  }
}
