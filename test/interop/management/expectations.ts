// What is answered where RabbitMQ 3.10 answers something else, and why: RabbitMQ 4 does, or it is a defect of 3.10.

interface Expectation {
  readonly why: string;
  /** As they are written down, without their number. */
  readonly requests: readonly string[];
  readonly lines: readonly string[];
}

export const expectations: readonly Expectation[] = [];
