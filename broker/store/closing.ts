/** How long a broker that stops waits for a disk that fails. */
const FAILING_MS_MAX = 3000;

/**
 * Waits for a promise; not for ever while something fails, though as long as it takes while it does not.
 *
 * @returns whether it came to its end
 */
export async function endsUnless(end: Promise<void>, fails: () => boolean): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<boolean>((resolve) => {
    timer = setInterval(() => {
      if (fails()) resolve(false);
    }, FAILING_MS_MAX);
  });
  try {
    return await Promise.race([end.then(() => true), failed]);
  } finally {
    clearInterval(timer);
  }
}
