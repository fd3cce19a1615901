import { defineConfig } from 'vitest/config';

// The tests run as compiled JavaScript: worker threads and child processes are then started from
// the very files that ship, and nothing needs a loader.
export default defineConfig({
  test: {
    include: ['dist/**/*.test.js'],
    exclude: ['**/node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // Of tests that say they may run at once; those of a file wait for peers more than they work.
    maxConcurrency: 16,
    pool: 'forks',
  },
});
