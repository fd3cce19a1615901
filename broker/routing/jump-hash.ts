/**
 * Jump consistent hashing (Lamping and Veach, 2014): when buckets are added at the end, only the keys
 * that go to one of those move. The numbers are drawn as RabbitMQ's plugin has Erlang draw them
 * (xorshift1024*, seeded with the key thrice), so that a key goes to the same bucket here and there.
 */
const WORD = (1n << 64n) - 1n;
const WORD_RANGE = 2 ** 64;
const STATE_WORDS = 16;
const SEED_PART_BITS = 21;
const SEED_FACTORS = [2_097_131, 2_097_133, 2_097_143] as const;

/** Draws from a seed: a ring of words, of which each draw renews one. */
class Draws {
  private readonly words: bigint[] = [];
  private at = 0;

  constructor(key: number) {
    let seed = 0n;
    for (const factor of SEED_FACTORS) {
      const low = (key % 2 ** SEED_PART_BITS) + 1;
      seed = (seed << 21n) | BigInt.asUintN(SEED_PART_BITS, BigInt(low * factor));
    }
    // Never zero, which every later word would be as well.
    let word = (seed << 1n) | 1n;
    for (let index = 0; index < STATE_WORDS; index++) {
      word ^= word >> 12n;
      word = (word ^ (word << 25n)) & WORD;
      word ^= word >> 27n;
      this.words.unshift((word * 2_685_821_657_736_338_717n) & WORD);
    }
  }

  /** At least 0, less than 1. */
  next(): number {
    const { words } = this;
    const next = (this.at + 1) % STATE_WORDS;
    let first = words[this.at] as bigint;
    let second = words[next] as bigint;
    second = (second ^ (second << 31n)) & WORD;
    second ^= second >> 11n;
    first ^= first >> 30n;
    const word = second ^ first;
    words[next] = word;
    this.at = next;
    return Number((word * 1_181_783_497_276_652_981n) & WORD) / WORD_RANGE;
  }
}

/** The bucket, from 0, that a key falls into; `key` is an unsigned integer of at most 32 bits. */
export function jumpHash(key: number, bucketCount: number): number {
  if (bucketCount === 1) return 0;
  const draws = new Draws(key);
  let bucket = 0;
  for (let jump = 0; jump < bucketCount; jump = Math.trunc((bucket + 1) / draws.next())) bucket = jump;
  return bucket;
}
