/** Those who wait for something to become true, each with a time limit. */

interface Waiter {
  readonly isOver: () => boolean;
  readonly resolve: (reached: boolean) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** A set of waiters; whoever changes what they wait for calls `check`. */
export class Waiters {
  #waiters: Waiter[] = [];

  /** Resolves to true once `isOver`, to false when time is up or all are released. */
  wait(isOver: () => boolean, timeoutMs?: number): Promise<boolean> {
    if (isOver()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve(false);
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
      const waiter = { isOver, resolve, timer };
      this.#waiters.push(waiter);
    });
  }

  /** Lets go of those for whom it has become true. */
  check(): void {
    if (this.#waiters.length > 0) this.#settle((waiter) => waiter.isOver(), true);
  }

  /** Lets go of everybody, with false. */
  release(): void {
    this.#settle(() => true, false);
  }

  #settle(isSettled: (waiter: Waiter) => boolean, reached: boolean): void {
    const settled = this.#waiters.filter(isSettled);
    this.#waiters = this.#waiters.filter((waiter) => !settled.includes(waiter));
    for (const waiter of settled) {
      clearTimeout(waiter.timer);
      waiter.resolve(reached);
    }
  }
}
