// What a script of the management API is: a sentence, and the requests that show whether it holds.
import type { ManagementPlayer } from './player.js';

export interface ManagementScript {
  /** The behaviour, as a sentence. */
  readonly name: string;
  play(player: ManagementPlayer): Promise<void>;
}

export function script(name: string, play: (player: ManagementPlayer) => Promise<void>): ManagementScript {
  return { name, play };
}
