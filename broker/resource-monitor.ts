/**
 * Looks at what the broker runs on, memory and disk, and raises or clears the alarms. Not responsible for
 * what an alarm does.
 */
import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { Alarms } from './transport/alarms.js';

export interface ResourceLimits {
  readonly dataDirectory?: string | undefined;
  readonly memoryBytesMax?: number;
  readonly diskFreeBytesMin?: number;
}

/** Of the memory that the machine or the container allows, as in RabbitMQ 4. */
const MEMORY_SHARE = 0.6;
/** RabbitMQ's default. */
const DISK_FREE_BYTES_MIN = 50_000_000;
const LOOK_MS = 1000;

export class ResourceMonitor {
  private readonly alarms: Alarms;
  /** 0 for no limit. */
  readonly memoryBytesMax: number;
  /** 0 for no limit. */
  readonly diskFreeBytesMin: number;
  /** As it was seen last; undefined where nothing is kept on a disk. */
  diskFreeBytes: number | undefined;
  readonly dataDirectory: string | undefined;
  private readonly timer: NodeJS.Timeout;
  private writeFails = false;
  private spaceShort = false;

  constructor(alarms: Alarms, limits: ResourceLimits) {
    this.alarms = alarms;
    this.memoryBytesMax = limits.memoryBytesMax ?? Math.floor(memoryBytes() * MEMORY_SHARE);
    this.diskFreeBytesMin = limits.diskFreeBytesMin ?? DISK_FREE_BYTES_MIN;
    this.dataDirectory = limits.dataDirectory;
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  private look(): void {
    this.lookAtMemory();
    void this.lookAtDisk();
  }

  private lookAtMemory(): void {
    const short = this.memoryBytesMax > 0 && process.memoryUsage.rss() > this.memoryBytesMax;
    if (short) this.alarms.raise('memory');
    else this.alarms.clear('memory');
  }

  private async lookAtDisk(): Promise<void> {
    if (this.dataDirectory === undefined) return;
    try {
      const { bavail, bsize } = await statfs(this.dataDirectory);
      this.diskFreeBytes = bavail * bsize;
      this.spaceShort = this.diskFreeBytes < this.diskFreeBytesMin;
    } catch {
      // A directory that is gone shows as writes that fail.
      this.spaceShort = false;
    }
    this.judgeDisk();
  }

  /** The store cannot write, or can again. */
  storeFails(failing: boolean): void {
    this.writeFails = failing;
    this.judgeDisk();
  }

  private judgeDisk(): void {
    if (this.writeFails || this.spaceShort) this.alarms.raise('disk');
    else this.alarms.clear('disk');
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** What this process may use: the machine's, or less in a container. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}
