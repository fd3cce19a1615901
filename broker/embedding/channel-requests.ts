/**
 * Requests and replies of an embedded channel: the broker answers in the order it was asked, so the first
 * reply is the first request's.
 */
import { EventEmitter } from 'node:events';
import type { Method, MethodArguments } from '../protocol/method-codec.js';
import type { MethodName } from '../protocol/method-table.js';
import type { EmbeddedConnection } from './embedded-connection.js';
import { EmbeddedError } from './embedded-error.js';
import type { ReceivedContent, ReceivedMessage } from './message.js';
import { runProgram } from './program-code.js';
import { Signal } from './signal.js';

export interface Reply {
  readonly method: Method;
  readonly content: ReceivedContent | undefined;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: EmbeddedError): void;
}

export interface EmbeddedChannelEvents {
  /** The channel is over; with the error unless it was asked for. */
  close: [error: EmbeddedError | undefined];
  /** A mandatory message that no queue took. */
  return: [message: ReceivedMessage];
  /** The broker ended a consumer: its queue is gone. */
  cancel: [consumerTag: string];
}

/** What the broker ignores: tickets are of AMQP 0-8. */
export const TICKET = 0;

export abstract class ChannelRequests extends EventEmitter<EmbeddedChannelEvents> {
  readonly number: number;
  protected readonly connection: EmbeddedConnection;
  /** Set when the channel is over. */
  protected end: EmbeddedError | undefined;
  /** Resolves when the channel is over. */
  protected readonly whenEnded = new Signal();
  private readonly onEnded: () => void;
  private readonly waiting: Waiting[] = [];

  constructor(connection: EmbeddedConnection, number: number, onEnded: () => void) {
    super();
    this.connection = connection;
    this.number = number;
    this.onEnded = onEnded;
  }

  /** Sends a method that is answered; `onReply` is called before anything that follows the answer. */
  protected call<Name extends MethodName>(
    name: Name,
    args: MethodArguments<Name>,
    onReply?: (reply: Reply) => void,
  ): Promise<Reply> {
    if (this.end !== undefined) return Promise.reject(this.end);
    return new Promise((resolve, reject) => {
      const answered = (reply: Reply): void => {
        onReply?.(reply);
        resolve(reply);
      };
      this.waiting.push({ resolve: answered, reject });
      try {
        this.connection.send(this.number, name, args);
      } catch (error) {
        // What cannot be encoded was never asked, and will not be answered.
        this.waiting.pop();
        throw error;
      }
    });
  }

  protected async ask<Name extends MethodName, Answer extends MethodName>(
    name: Name,
    answer: Answer,
    args: MethodArguments<Name>,
  ): Promise<MethodArguments<Answer>> {
    const { method } = await this.call(name, args);
    if (method.name !== answer) throw new Error(`${name} was answered with ${method.name}`);
    return method.args as unknown as MethodArguments<Answer>;
  }

  /** An answer came. */
  protected answered(reply: Reply): void {
    this.waiting.shift()?.resolve(reply);
  }

  /** The channel is over, or its connection is; without an error it was asked for. */
  ended(error: EmbeddedError | undefined): void {
    if (this.end !== undefined) return;
    this.end = error ?? new EmbeddedError(200, 'the channel was closed');
    this.onEnded();
    for (const waiting of this.waiting.splice(0)) waiting.reject(this.end);
    this.whenEnded.resolve();
    runProgram(() => this.emit('close', error));
  }
}
