/** Addresses as they come from disk, each once: most messages share a few. */
import type { Address } from './message.js';
import { decodeAddress } from './trail.js';

/** When there are more, all are forgotten. */
const ADDRESSES_MAX = 10_000;

export class AddressBook {
  private readonly known = new Map<string, Address>();

  find(stored: Buffer): Address {
    const key = stored.toString('latin1');
    let address = this.known.get(key);
    if (address === undefined) {
      address = decodeAddress(stored);
      if (this.known.size >= ADDRESSES_MAX) this.known.clear();
      this.known.set(key, address);
    }
    return address;
  }
}
