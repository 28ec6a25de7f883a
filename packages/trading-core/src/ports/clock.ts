/** Time, injected so that a test can turn it. */
export interface Clock {
  /** Epoch milliseconds by the wall clock, which may jump. */
  now(): number;
  /** Milliseconds by a clock that only goes forward; comparable within one process only. */
  monotonic(): number;
  /** Resolves after this many milliseconds, or early when the signal aborts (it never rejects). */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(done, milliseconds);
      signal?.addEventListener("abort", done, { once: true });
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      }
    }),
};
