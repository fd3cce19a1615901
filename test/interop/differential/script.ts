// What a differential script is: a sentence and the operations that show whether it holds.
import type { Player } from './player.js';

export interface Script {
  /** The behaviour, as a sentence. */
  readonly name: string;
  play(player: Player): Promise<void>;
}

export function script(name: string, play: (player: Player) => Promise<void>): Script {
  return { name, play };
}
