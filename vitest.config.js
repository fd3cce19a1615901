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
    pool: 'forks',
  },
});
