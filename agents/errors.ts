/** The errors of agents that a caller may want to tell apart, by `code`. */

/** An option that cannot be used. The message names it and never quotes a secret. */
export class AgentOptionError extends Error {
  readonly code = 'ERR_WARREN_AGENT_OPTION';
  override readonly name = 'AgentOptionError';
}

/** The broker cannot be reached or does not let us in; `cause` is the last reason. */
export class BrokerUnreachableError extends Error {
  readonly code = 'ERR_WARREN_BROKER_UNREACHABLE';
  override readonly name = 'BrokerUnreachableError';

  /** @param address the broker's URL without its password */
  constructor(address: string, cause: Error | undefined) {
    const reason = cause === undefined ? 'no answer in time' : cause.message;
    super(
      `The broker at ${address} cannot be reached (${reason}). Start it with \`warren broker\`, or set WARREN_BROKER_URL.`,
      { cause },
    );
  }
}

/** Another file agent uses the same registry. */
export class AgentRunningError extends Error {
  readonly code = 'ERR_WARREN_AGENT_RUNNING';
  override readonly name = 'AgentRunningError';

  constructor(path: string, owner: number) {
    super(
      `Another file agent for this service is running (process ${owner}, lock ${path}). Stop it, or use another data directory.`,
    );
  }
}
