/**
 * Samples in the order of time, the oldest overwritten by the newest once there is no more room: rows of
 * a time and values, in one array of numbers that grows as they come.
 *
 *     [ at v v v | at v v v | at v v v ]      a row; the ring begins at `first`
 */

/** How much room all rings together may take. Beyond it a ring grows no more, and forgets sooner. */
export class SampleRoom {
  bytes = 0;
  private readonly bytesMax: number;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get exhausted(): boolean {
    return this.bytes >= this.bytesMax;
  }
}

const ROWS_AT_FIRST = 2;

export class SampleRing {
  length = 0;
  /** Whether an older sample had to go. */
  forgets = false;
  private rows: Float64Array;
  private capacity = ROWS_AT_FIRST;
  private first = 0;
  private readonly width: number;
  private readonly lengthMax: number;
  private readonly room: SampleRoom;

  /** @param values how many a row has besides its time */
  constructor(values: number, lengthMax: number, room: SampleRoom) {
    this.width = values + 1;
    this.lengthMax = lengthMax;
    this.room = room;
    this.rows = new Float64Array(this.capacity * this.width);
    room.bytes += this.rows.byteLength;
  }

  /** Takes a sample: as many of the numbers as a row has. */
  push(at: number, values: Float64Array): void {
    if (this.length === this.capacity && this.capacity < this.lengthMax && !this.room.exhausted) this.grow();
    const full = this.length === this.capacity;
    const row = this.start(this.length);
    this.rows[row] = at;
    for (let column = 1; column < this.width; column++)
      this.rows[row + column] = values[column - 1] as number;
    if (!full) {
      this.length++;
      return;
    }
    this.first = (this.first + 1) % this.capacity;
    this.forgets = true;
  }

  /** The time of a sample; negative indices count from the newest. */
  at(index: number): number {
    return this.rows[this.start(index < 0 ? this.length + index : index)] as number;
  }

  value(index: number, column: number): number {
    return this.rows[this.start(index < 0 ? this.length + index : index) + 1 + column] as number;
  }

  /** Whether the newest sample has just these values. */
  endsWith(values: Float64Array): boolean {
    if (this.length === 0) return false;
    const row = this.start(this.length - 1);
    for (let column = 1; column < this.width; column++) {
      if (this.rows[row + column] !== values[column - 1]) return false;
    }
    return true;
  }

  /** The newest sample at a time or before it; -1 when there is none. */
  before(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Gives its room back: nobody will ask again. */
  release(): void {
    this.room.bytes -= this.rows.byteLength;
  }

  private start(index: number): number {
    return ((this.first + index) % this.capacity) * this.width;
  }

  private grow(): void {
    const capacity = Math.min(this.capacity * 2, this.lengthMax);
    const grown = new Float64Array(capacity * this.width);
    for (let index = 0; index < this.length; index++) {
      const row = this.start(index);
      grown.set(this.rows.subarray(row, row + this.width), index * this.width);
    }
    this.room.bytes += grown.byteLength - this.rows.byteLength;
    this.rows = grown;
    this.capacity = capacity;
    this.first = 0;
  }
}
