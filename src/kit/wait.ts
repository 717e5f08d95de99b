/**
 * Waiting without fixed sleeps: a look, repeated at a short interval, until it finds what it looks for.
 *
 * The interval is short because each look is a few hundred microseconds of work for a node, while a person notices
 * every hundred milliseconds; and the deadline is in the hands of who waits, who alone knows what to say at its end.
 */
export interface Patience {
  readonly everyMs: number;
  readonly atMostMs: number;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What the look found, or null when patience ran out. A look that finds nothing returns null. */
export async function until<T>(look: () => Promise<T | null>, patience: Patience): Promise<T | null> {
  const deadline = performance.now() + patience.atMostMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() + patience.everyMs > deadline) return null;
    await pause(patience.everyMs);
  }
}

/** What the promise brings, or null when it takes longer than that. The promise itself goes on. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
