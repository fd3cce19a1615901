/**
 * When a channel's delivery tags were given out, roughly: at each mark, how far they had got.
 *
 *     time  ──┬───────┬───────┬──►     a delivery whose tag is below a mark's is older than that mark
 *     tag     1       40      71
 */
interface Mark {
  readonly at: number;
  /** Tags below this one had been given out. */
  readonly nextTag: number;
}

/** When there are more, every other one goes, and from then on they are made further apart. */
const MARKS_MAX = 64;

export class DeliveryMarks {
  private marks: Mark[] = [];
  private spacingMs = 0;

  /** Notes how far tags have got, and forgets what nothing unacked needs. */
  mark(at: number, oldestTag: number, nextTag: number): void {
    const last = this.marks[this.marks.length - 1];
    const apart = last === undefined || at - last.at >= this.spacingMs;
    if (apart && nextTag > oldestTag && last?.nextTag !== nextTag) this.marks.push({ at, nextTag });
    let settled = 0;
    while ((this.marks[settled]?.nextTag ?? Number.POSITIVE_INFINITY) <= oldestTag) settled++;
    if (settled > 0) this.marks.splice(0, settled);
    if (this.marks.length === 0) this.spacingMs = 0;
    else if (this.marks.length > MARKS_MAX) this.thinOut(at);
  }

  private thinOut(now: number): void {
    this.marks = this.marks.filter((_, index) => index % 2 === 0);
    this.spacingMs = ((now - (this.marks[0] as Mark).at) * 2) / MARKS_MAX;
  }

  /**
   * Since when a delivery has been out, at the latest; undefined when it is newer than the last mark.
   * Later than it was by up to a thirtieth of the time since the oldest that is out.
   */
  since(tag: number): number | undefined {
    return this.marks.find((mark) => tag < mark.nextTag)?.at;
  }
}
