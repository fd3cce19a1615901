/** The version of this package. */
import { createRequire } from 'node:module';

/** As in package.json, such as `0.1.0`. */
export const VERSION: string = (createRequire(import.meta.url)('warren/package.json') as { version: string })
  .version;
