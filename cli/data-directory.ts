/**
 * The data directory and its parts, made when they are not there.
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Configuration } from './configuration/schema.js';

/** Readable by nobody else: it holds logs. */
const DIRECTORY_MODE = 0o700;

/**
 * The absolute path of a part's own directory inside the data directory.
 *
 * @throws the system's error, with the path in it, when it cannot be made, read or written
 */
export function dataDirectory(configuration: Configuration, part: 'broker' | 'store' | 'agent'): string {
  const path = resolve(configuration.dataDirectory, part);
  mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
  accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  return path;
}
