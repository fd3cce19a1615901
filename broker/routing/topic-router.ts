/**
 * A topic exchange: binding keys of words, `*` for one word, `#` for any number of them. The keys are
 * kept as a trie, so that a message costs what matches it, however many bindings do not.
 *
 *     app.*.error ─┐         app ─ * ─ error
 *     app.#       ─┴──►       └── #
 */
import type { Binding, Destination, KeyRouter } from './binding.js';

class Node {
  readonly words = new Map<string, Node>();
  readonly bindings = new Set<Binding>();

  get empty(): boolean {
    return this.words.size === 0 && this.bindings.size === 0;
  }
}

export class TopicRouter implements KeyRouter {
  readonly by = 'key';
  private readonly root = new Node();

  add(binding: Binding): void {
    let node = this.root;
    for (const word of wordsOf(binding.routingKey)) {
      let next = node.words.get(word);
      if (next === undefined) {
        next = new Node();
        node.words.set(word, next);
      }
      node = next;
    }
    node.bindings.add(binding);
  }

  remove(binding: Binding): void {
    const path: [Node, string][] = [];
    let node = this.root;
    for (const word of wordsOf(binding.routingKey)) {
      const next = node.words.get(word);
      if (next === undefined) return;
      path.push([node, word]);
      node = next;
    }
    node.bindings.delete(binding);
    for (let pair = path.pop(); pair !== undefined; pair = path.pop()) {
      const [parent, word] = pair;
      if (!parent.words.get(word)?.empty) return;
      parent.words.delete(word);
    }
  }

  match(routingKeys: readonly string[], into: Set<Destination>): void {
    for (const key of routingKeys) this.matchKey(key, into);
  }

  private matchKey(routingKey: string, into: Set<Destination>): void {
    // Which nodes are reached after each word; a set of them, so that keys with several `#` do not
    // make the work grow beyond words times nodes.
    let reached = new Set<Node>([this.root]);
    openHashes(reached);
    for (const word of wordsOf(routingKey)) {
      const next = new Set<Node>();
      for (const node of reached) {
        if (hashes.has(node)) next.add(node);
        const exact = word === '*' || word === '#' ? undefined : node.words.get(word);
        if (exact !== undefined) next.add(exact);
        const star = node.words.get('*');
        if (star !== undefined) next.add(star);
      }
      if (next.size === 0) return;
      openHashes(next);
      reached = next;
    }
    for (const node of reached) for (const binding of node.bindings) into.add(binding.destination);
  }
}

/** The words of a key; the empty key has none. */
function wordsOf(key: string): string[] {
  return key === '' ? [] : key.split('.');
}

/** Nodes that stand for `#`: they stay reached whatever the next word is. */
const hashes = new WeakSet<Node>();

/** `#` matches no word at all as well, so it is reached together with its parent. */
function openHashes(reached: Set<Node>): void {
  for (const node of reached) {
    const hash = node.words.get('#');
    if (hash === undefined) continue;
    hashes.add(hash);
    reached.add(hash);
  }
}

/** Whether a routing key matches one binding key; in the time of their lengths, whatever is in it. */
export function matchesBindingKey(bindingKey: string, routingKey: string): boolean {
  const words = wordsOf(routingKey);
  // What of the key's words may be matched by what has been looked at so far.
  let reached = words.map(() => false);
  reached.unshift(true);
  for (const part of wordsOf(bindingKey)) {
    let any = false;
    reached = reached.map((_, at) => {
      if (part === '#') {
        any ||= reached[at] as boolean;
        return any;
      }
      return at > 0 && (reached[at - 1] as boolean) && (part === '*' || part === words[at - 1]);
    });
  }
  return reached.at(-1) as boolean;
}
