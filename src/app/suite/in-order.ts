/** Hands on values in the order of their places, however they come: each waits for those before it. */
export function inOrder<T>(handOn: (value: T) => void): (index: number, value: T) => void {
  const waiting = new Map<number, T>();
  let next = 0;
  return (index, value) => {
    waiting.set(index, value);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      waiting.delete(next);
      next += 1;
      handOn(ready);
    }
  };
}
