// Where Warren's broker means to differ from RabbitMQ 3.10, and why. Anything not written here is a defect.
import type { Transcript } from './player.js';

interface Difference {
  readonly why: string;
  /** The scripts it concerns; all of them where it is left out. */
  readonly scripts?: RegExp;
  /** What is replaced, on both sides; a line of which nothing is left is dropped. */
  readonly pattern: RegExp;
  readonly replacement: string;
}

const differences: Difference[] = [
  {
    why: 'RabbitMQ 4 tells the last death beside the first; so do we.',
    pattern: /, x-last-death-(exchange|queue|reason): "[^"]*"/g,
    replacement: '',
  },
  {
    why: 'RabbitMQ 4 goes by no history but its own; 3.10 counted on from a client’s, kept what it wrote, and told no first death beside it.',
    scripts: /history that a client wrote|published again begins its history anew/,
    pattern: /(count: l:\d+|, x-(first|last)-death-\w+: "[^"]*")/g,
    replacement: '',
  },
  {
    why: 'RabbitMQ 4 orders x-death by recency, the last first; 3.10 turns the earlier ones round each time.',
    scripts: /deaths are counted for each queue and reason|round three queues for three reasons/,
    pattern: /x-death: \[.*\], /g,
    replacement: '',
  },
  {
    why: 'By its order of three deaths 3.10 misses a rejection among them, and drops what RabbitMQ 4 sends on.',
    scripts: /round three queues for three reasons/,
    pattern: /^basic\.get-(empty|ok \{deliveryTag: 3,) .*$/g,
    replacement: '',
  },
  {
    why: 'Erlang breaks lines in long terms; a reply text is one line.',
    pattern: /\\n */g,
    replacement: '',
  },
  {
    why: 'RabbitMQ waits 3 s and cuts the socket without a word; we say why first.',
    scripts:
      /tune-ok|mechanism|not PLAIN|unknown class|unknown method|by (AMQ)?PLAIN|by plain|start-ok in|open in the/,
    pattern: /^connection\.close .*$/g,
    replacement: '',
  },
  {
    why: 'A client may close at any time; RabbitMQ cuts the socket of one that has not opened, we answer it.',
    scripts: /^close before \S+ in the handshake$/,
    pattern: /^connection\.close-ok .*$/g,
    replacement: '',
  },
  {
    why: 'Nothing is read of what comes on a failed channel; RabbitMQ still minds its methods and their order.',
    scripts: /^(methods that nobody knows are|a content without its method is) discarded, after an error$/,
    pattern: /^(connection\.close .*"UNEXPECTED_FRAME.*|socket\.closed .*)$/g,
    replacement: '',
  },
  {
    why: 'RabbitMQ fails at a type of field that it does not know, or cuts the socket; we say what is wrong.',
    scripts: /of a type that nobody knows$/,
    pattern: /^connection\.close .*$/g,
    replacement: '',
  },
  {
    why: 'To a publisher, requeue says nothing, and multiple no more where one publish is outstanding.',
    pattern: /^(basic\.nack .*)multiple: \w+, requeue: \w+/g,
    replacement: '$1',
  },
  {
    why: 'RabbitMQ fails, and closes the connection, where there is nobody to give a history to; we just bind.',
    scripts: /^a history is given to an exchange that leads nowhere$/,
    pattern: /^(connection\.close .*"INTERNAL_ERROR".*|socket\.closed .*|exchange\.bind-ok .*)$/g,
    replacement: '',
  },
];

/** The transcript of the script called `name` without what is meant to differ. */
export function withoutMeantDifferences(name: string, transcript: Transcript): Transcript {
  const concerned = differences.filter(({ scripts }) => !scripts || scripts.test(name));
  const rest: Transcript = {};
  for (const [channel, lines] of Object.entries(transcript)) {
    const kept = lines
      .map((line) =>
        concerned.reduce((text, { pattern, replacement }) => text.replaceAll(pattern, replacement), line),
      )
      .filter((line) => line !== '');
    if (kept.length > 0) rest[channel] = kept;
  }
  return rest;
}
