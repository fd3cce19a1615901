/** Something that happens once, and that can be waited for before and after. */
export class Signal {
  readonly happened: Promise<void>;
  private settle: (() => void) | undefined;

  constructor() {
    this.happened = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  resolve(): void {
    this.settle?.();
  }
}
