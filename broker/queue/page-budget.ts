/**
 * How many ready messages are kept in memory, of all queues together. Beyond it queues leave what waits
 * behind their heads to the disk. Counts entries: what they weigh beside their contents is much the same,
 * and contents are let go of by a measure of their own.
 */
const RESIDENT_MAX = 25_000;
/** So many times as many, and messages are written that need not be: that costs more than their memory. */
const OVERDRAFT = 4;

export class PageBudget {
  /** Ready messages in memory, of all queues. */
  resident = 0;
  private readonly residentMax: number;

  constructor(residentMax = RESIDENT_MAX) {
    this.residentMax = residentMax;
  }

  get exhausted(): boolean {
    return this.resident >= this.residentMax;
  }

  get overdrawn(): boolean {
    return this.resident >= this.residentMax * OVERDRAFT;
  }
}
