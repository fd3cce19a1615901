/** Whether the disk is behind: what is dead-lettered then in great numbers waits in its queue. */
import type { Store } from '../store/store.js';

/** So much under way to the disk. */
const UNWRITTEN_BYTES_MAX = 8 * 1024 * 1024;
/** How long what waits for the disk waits before it looks again. */
export const DISK_PAUSE_MS = 20;

export function isDiskBehind(store: Store): boolean {
  return store.unwrittenBytes > UNWRITTEN_BYTES_MAX;
}
