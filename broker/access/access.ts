/**
 * Access control as a whole: who may log in, what they may do, what limits them, and what was done to
 * that. It is what the transport asks at its gate, and what the management API shows and changes.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { DefinitionTable } from '../store/definition-table.js';
import type { DefinitionRow, Store, UserRow } from '../store/store.js';
import type { Gate, Identity, Peer } from '../transport/gate.js';
import { AccessError } from './access-error.js';
import { AuditLog } from './audit.js';
import { parseCredentials } from './credentials.js';
import { GlobalParameters } from './global-parameters.js';
import { InternalIdentity } from './internal-identity.js';
import {
  type Limits,
  limitsComponent,
  type UserLimit,
  userLimits,
  type VirtualHostLimit,
  virtualHostLimits,
} from './limits.js';
import { GUEST, LogIn, type LogInOutcome } from './log-in.js';
import { LoginAttempts, type LoginProtocol } from './login-attempts.js';
import { LoginThrottle, type ThrottleLimits } from './login-throttle.js';
import { OAuth } from './oauth/oauth.js';
import type { OAuthOptions } from './oauth/oauth-options.js';
import { TokenIdentity } from './oauth/token-identity.js';
import { Parameters } from './parameters.js';
import { hashPassword, NO_PASSWORD, type PasswordHashing } from './password.js';
import { FULL_PERMISSIONS, type PermissionPatterns, Permissions } from './permissions.js';
import { type TopicPatterns, TopicPermissions } from './topic-permissions.js';
import { readUserDefinition } from './user-definition.js';
import { Users } from './users.js';

export interface AccessOptions {
  readonly store: Store;
  /** What was known before. */
  readonly users: readonly UserRow[];
  readonly definitions: readonly DefinitionRow[];
  /** The virtual hosts there are. */
  readonly virtualHosts: { get(name: string): unknown };
  readonly guestFromAnywhere: boolean;
  /** What new passwords are hashed by: scrypt, unless definitions have to go to RabbitMQ. */
  readonly passwordHashing?: PasswordHashing | undefined;
  readonly oauth?: OAuthOptions | undefined;
  readonly throttle?: Partial<ThrottleLimits> | undefined;
  readonly clusterName: string;
  readonly log?: Logger | undefined;
}

/** A user that the embedder names. */
export interface NewUser {
  readonly name: string;
  /** Without one he logs in by certificate alone. */
  readonly password?: string;
  /** Instead of those he has; none at first. */
  readonly tags?: readonly string[];
  /** By virtual host, instead of those he has; everything in `/` at first. */
  readonly permissions?: Readonly<Record<string, PermissionPatterns>>;
}

export interface FirstRunAdministrator {
  readonly user: string;
  readonly password: string;
}

const ADMINISTRATOR = 'admin';
const ADMINISTRATOR_TAGS = ['administrator'];
const PASSWORD_BYTES = 18;
/** Nothing is gained by making it slow to guess what everybody knows. */
const GUEST_COST = 2;
const FIRST_VIRTUAL_HOST = '/';

export class Access implements Gate {
  readonly users: Users;
  readonly permissions: Permissions;
  readonly topicPermissions: TopicPermissions;
  readonly virtualHostLimits: Limits<VirtualHostLimit>;
  readonly userLimits: Limits<UserLimit>;
  readonly parameters = new Parameters();
  readonly globalParameters: GlobalParameters;
  readonly attempts = new LoginAttempts();
  readonly audit: AuditLog;
  /** Called when what may be done has changed, in a virtual host or, when undefined, in any of them. */
  onChange: (virtualHost: string | undefined) => void = () => undefined;
  /** Called when a user is gone: his connections have to be closed. */
  onUserDeleted: (user: string) => void = () => undefined;
  /** Whose tokens are taken besides passwords; undefined where there are none. */
  readonly authorizationServer: Pick<OAuthOptions, 'resourceServerId' | 'issuer'> | undefined;
  private readonly virtualHosts: AccessOptions['virtualHosts'];
  private readonly hashing: PasswordHashing;
  private readonly login: LogIn;

  /** @throws OAuthOptionsError when the options for OAuth cannot be */
  constructor(options: AccessOptions) {
    const { store, definitions, log, oauth, guestFromAnywhere } = options;
    this.virtualHosts = options.virtualHosts;
    this.hashing = options.passwordHashing ?? 'scrypt';
    this.users = new Users(store, options.users);
    this.permissions = new Permissions(new DefinitionTable(store, 'permission', definitions));
    this.topicPermissions = new TopicPermissions(new DefinitionTable(store, 'topic-permission', definitions));
    this.virtualHostLimits = virtualHostLimits(new DefinitionTable(store, 'vhost-limit', definitions));
    this.userLimits = userLimits(new DefinitionTable(store, 'user-limit', definitions));
    const globals = new DefinitionTable<unknown>(store, 'global-parameter', definitions);
    this.globalParameters = new GlobalParameters(globals, options.clusterName);
    this.parameters.register('vhost-limits', limitsComponent(this.virtualHostLimits));
    this.audit = new AuditLog(log);
    this.authorizationServer = oauth;
    this.login = new LogIn({
      users: this.users,
      permissions: this.permissions,
      topicPermissions: this.topicPermissions,
      attempts: this.attempts,
      throttle: new LoginThrottle(options.throttle),
      oauth: oauth && new OAuth(oauth, log),
      guestFromAnywhere,
      log,
    });
    this.permissions.onChange = (virtualHost) => this.onChange(virtualHost);
    this.topicPermissions.onChange = (virtualHost) => this.onChange(virtualHost);
    this.users.onChange = (name) => {
      this.login.forget(name);
      this.onChange(undefined);
    };
  }

  /** Makes the users of a first run; resolves with the administrator, whose password is told only here. */
  async makeFirst(): Promise<FirstRunAdministrator> {
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    await this.makeGuest();
    this.users.put(ADMINISTRATOR, await hashPassword(password, this.hashing), ADMINISTRATOR_TAGS);
    this.permissions.put(ADMINISTRATOR, FIRST_VIRTUAL_HOST, FULL_PERMISSIONS);
    return { user: ADMINISTRATOR, password };
  }

  /** Makes the user whose password everybody knows. */
  async makeGuest(): Promise<void> {
    this.users.put(GUEST, await hashPassword(GUEST, this.hashing, GUEST_COST), ADMINISTRATOR_TAGS);
    this.permissions.put(GUEST, FIRST_VIRTUAL_HOST, FULL_PERMISSIONS);
  }

  /**
   * Makes the users that the embedder names, or gives those that are there another password, and
   * tags and permissions where it names any. Rejects with an AccessError for a permission that is none.
   */
  async make(users: readonly NewUser[]): Promise<void> {
    for (const { name, password, tags, permissions } of users) {
      const hash = password === undefined ? NO_PASSWORD : await hashPassword(password, this.hashing);
      const isNew = this.users.put(name, hash, tags ?? this.users.tagsOf(name));
      const granted = permissions ?? (isNew ? { [FIRST_VIRTUAL_HOST]: FULL_PERMISSIONS } : {});
      for (const [virtualHost, patterns] of Object.entries(granted)) {
        this.permissions.put(name, virtualHost, patterns);
      }
    }
  }

  mechanisms({ certificateName }: Peer): readonly string[] {
    return certificateName === undefined ? ['PLAIN', 'AMQPLAIN'] : ['PLAIN', 'AMQPLAIN', 'EXTERNAL'];
  }

  async authenticate(mechanism: string, response: Buffer, peer: Peer): Promise<Identity | undefined> {
    return (await this.bySasl(mechanism, response, peer)).identity;
  }

  private async bySasl(mechanism: string, response: Buffer, peer: Peer): Promise<LogInOutcome> {
    if (mechanism === 'EXTERNAL') return this.login.byCertificate(peer, 'amqp091');
    const credentials = parseCredentials(mechanism, response);
    if (credentials === undefined) return this.login.refuseMalformed(peer, 'amqp091');
    return this.login.byPassword(credentials.user, credentials.password, peer, 'amqp091');
  }

  /** A password is as good as the one before: what is renewed are tokens. */
  async renew(identity: Identity, secret: Buffer): Promise<Identity | undefined> {
    return identity instanceof TokenIdentity ? this.login.renew(identity, secret.toString()) : identity;
  }

  userLimit(user: string, limit: UserLimit): number {
    return this.userLimits.limit(user, limit) ?? Number.POSITIVE_INFINITY;
  }

  /** Checks a user and a password; the password may be a token. */
  logIn(user: string, password: string, peer: Peer, protocol: LoginProtocol): Promise<LogInOutcome> {
    return this.login.byPassword(user, password, peer, protocol);
  }

  /** Checks a token that came as such (RFC 6750). */
  bearer(token: string, peer: Peer, protocol: LoginProtocol): Promise<LogInOutcome> {
    return this.login.byToken(token, peer, protocol);
  }

  /** A user that is known, without a log-in. */
  identityOf(user: string): Identity | undefined {
    return this.users.has(user) ? new InternalIdentity(user, this) : undefined;
  }

  /**
   * Makes or changes a user as RabbitMQ's API and its definitions describe one. Resolves with whether he
   * is new; rejects with an AccessError when it is no description of a user.
   */
  async putUser(name: string, body: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { hash, tags, limits, permissions } = await readUserDefinition(body, this.hashing);
    if (limits !== undefined) this.userLimits.check(limits);
    const isNew = this.users.put(name, hash, tags);
    if (limits !== undefined) this.userLimits.merge(name, limits);
    if (!isNew) return false;
    for (const [virtualHost, patterns] of Object.entries(permissions))
      this.grant(name, virtualHost, patterns);
    return true;
  }

  /** Takes a user away, with all that is his; false where he is not there. */
  deleteUser(name: string): boolean {
    if (!this.users.has(name)) return false;
    for (const { virtualHost } of this.permissions.list({ user: name }))
      this.permissions.drop(name, virtualHost);
    for (const { virtualHost } of this.topicPermissions.list({ user: name })) {
      this.topicPermissions.drop(name, virtualHost);
    }
    this.userLimits.drop(name);
    this.users.drop(name);
    this.onUserDeleted(name);
    return true;
  }

  /**
   * Gives a user permissions in a virtual host; returns whether he had none.
   *
   * @throws AccessError when there is no such user or virtual host, or an expression is none
   */
  grant(user: string, virtualHost: string, patterns: PermissionPatterns): boolean {
    this.requireBoth(user, virtualHost);
    return this.permissions.put(user, virtualHost, patterns);
  }

  /**
   * Gives a user permissions on the routing keys of a topic exchange; returns whether he had none there.
   *
   * @throws AccessError when there is no such user or virtual host, or an expression is none
   */
  grantTopic(user: string, virtualHost: string, exchange: string, patterns: TopicPatterns): boolean {
    this.requireBoth(user, virtualHost);
    return this.topicPermissions.put(user, virtualHost, exchange, patterns);
  }

  private requireBoth(user: string, virtualHost: string): void {
    if (this.users.has(user) && this.virtualHosts.get(virtualHost) !== undefined) return;
    throw new AccessError('vhost_or_user_not_found');
  }

  /** @throws AccessError when there is no such user, no such limit, or its value is no whole number */
  limitUser(user: string, limit: string, value: unknown): void {
    this.userLimits.check({ [limit]: value });
    if (!this.users.has(user)) throw new AccessError(['no_such_user', user]);
    this.userLimits.put(user, limit, value);
  }

  /** Gives whoever made a virtual host everything in it, if he is a user that is known here. */
  virtualHostCreated(name: string, creator: string | undefined): void {
    if (creator !== undefined && this.users.has(creator))
      this.permissions.put(creator, name, FULL_PERMISSIONS);
  }

  /** Takes away what was said of a virtual host that is no more. */
  virtualHostDeleted(name: string): void {
    for (const { user } of this.permissions.list({ virtualHost: name })) this.permissions.drop(user, name);
    for (const { user } of this.topicPermissions.list({ virtualHost: name }))
      this.topicPermissions.drop(user, name);
    for (const { component, name: parameter } of this.parameters.list({ virtualHost: name })) {
      this.parameters.drop(name, component, parameter);
    }
  }
}
