// Where Warren's management API means to differ from RabbitMQ 3.10's, and why. Anything not written here is a defect.
import type { Transcript } from './player.js';

interface Difference {
  readonly why: string;
  /** The requests it concerns, by how they are written down; all of them where it is left out. */
  readonly requests?: RegExp;
  /** What is replaced, on both sides; a line of which nothing is left is dropped. */
  readonly pattern: RegExp;
  readonly replacement: string;
}

const differences: Difference[] = [];

/** The transcript without what is meant to differ. */
export function withoutMeantDifferences(transcript: Transcript): Transcript {
  const rest: Transcript = {};
  for (const [request, lines] of Object.entries(transcript)) {
    const concerned = differences.filter(({ requests }) => !requests || requests.test(request));
    rest[request] = lines
      .map((line) =>
        concerned.reduce((text, { pattern, replacement }) => text.replaceAll(pattern, replacement), line),
      )
      .filter((line) => line !== '');
  }
  return rest;
}
