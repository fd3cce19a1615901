/**
 * A connection of a short command to the broker, with an error that says what to do.
 */
import { type ChannelModel, connect } from 'amqplib';
import { withoutPassword } from './configuration/urls.js';
import { OperatingError } from './failure.js';

/** How long to wait for the broker, in milliseconds. */
const CONNECT_MS_MAX = 5_000;

/** @throws OperatingError when there is no broker, or it refuses the user */
export async function connectBroker(url: string): Promise<ChannelModel> {
  try {
    return await connect(url, { timeout: CONNECT_MS_MAX, noDelay: true });
  } catch (error) {
    throw new OperatingError(
      `no broker answers at ${withoutPassword(url)} (${reasonOf(error)}); start one with warren up, or name yours with WARREN_BROKER_URL or --broker-url`,
      { cause: error },
    );
  }
}

/** The shortest telling text of an error: its code where it has one. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : message;
}
