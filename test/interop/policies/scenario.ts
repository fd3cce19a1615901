import type { PolicyClient } from './policy-client.js';

/** Something that a client does with a broker that has policies; what it sees is compared. */
export interface Scenario {
  readonly name: string;
  play(client: PolicyClient): Promise<void>;
}
