import type { AccountType, Channel } from './channels.ts';
import { labelsOf } from './faults/labels.ts';
import { digits, draw, hash } from './random.ts';
import type { RecordKind } from './record-kinds.ts';

/** A code that was sent; `expiresAt` in milliseconds since 1970. */
interface Code {
  code: string;
  expiresAt: number;
}

export interface User {
  userId: string;
  accountType: AccountType;
  email: string;
  phone: string;
  verified: Record<Channel, boolean>;
  /** Absent from a user that an older simulator has saved. */
  record?: RecordKind;
  codes: Partial<Record<Channel, Code>>;
  /** The number of codes sent on each channel. The nth code is the same for the same seed, also after a restart. */
  made: Record<Channel, number>;
}

/** A message in the user's inbox or on their phone. */
export interface Mail {
  userId: string;
  channel: Channel;
  to: string;
  code: string;
  /** RFC 3339, UTC. */
  at: string;
}

export interface SavedUsers {
  users: User[];
  outbox: Mail[];
}

/** The provider's users, their codes, and the outbox with every message. */
export class Users {
  readonly #seed: number;
  readonly #codes: { readonly life: number; readonly digits: number };
  readonly #users: Map<string, User>;
  readonly #outbox: Mail[] = [];
  readonly #byUser = new Map<string, Mail[]>();

  /** Takes the seed of the codes, their lifetime in milliseconds and their length, and the saved state. */
  constructor(seed: number, codes: { life: number; digits: number }, saved: SavedUsers = { users: [], outbox: [] }) {
    this.#seed = seed;
    this.#codes = codes;
    this.#users = new Map(saved.users.map((user) => [user.userId, user]));
    for (const mail of saved.outbox) this.#post(mail);
  }

  has(userId: string): boolean {
    return this.#users.has(userId);
  }

  /** Returns a user. Registers an unknown user without sending a code, as if the partner had registered them before. */
  getOrRegister(userId: string): User {
    return this.#users.get(userId) ?? this.register(userId, {});
  }

  /** Registers a user. Missing fields are derived from the id: the account type from its labels, and generated addresses. */
  register(userId: string, given: { accountType?: AccountType; email?: string; phone?: string }): User {
    const labels = labelsOf(userId);
    const verified = new Set(labels.flatMap((label) => label.verified ?? []));
    const user: User = {
      userId,
      accountType: given.accountType ?? labels.find((label) => label.accountType)?.accountType ?? 'individual',
      email: given.email ?? `${userId.replaceAll(/[^A-Za-z0-9._-]/g, '-')}@example.test`,
      phone: given.phone ?? `+1555${digits(hash(userId) / 2 ** 32, 7)}`,
      verified: { email: verified.has('email'), sms: verified.has('sms') },
      record: labels.find((label) => label.record)?.record ?? 'usual',
      codes: {},
      made: { email: 0, sms: 0 },
    };
    this.#users.set(userId, user);
    return user;
  }

  /** Registers many users without sending a code: `name-1`, `name-2` … */
  registerCrowd(name: string, count: number): void {
    for (let nth = 1; nth <= count; nth += 1) this.getOrRegister(`${name}-${nth}`);
  }

  /** Sends a code, which replaces the previous one. */
  sendCode(user: User, channel: Channel): void {
    user.made[channel] += 1;
    const code = digits(draw(this.#seed, `code/${channel}/${user.made[channel]}/${user.userId}`), this.#codes.digits);
    user.codes[channel] = { code, expiresAt: Date.now() + this.#codes.life };
    const to = addressOf(user, channel);
    this.#post({ userId: user.userId, channel, to, code, at: new Date().toISOString() });
  }

  /** Checks a code. The right one verifies the channel and cannot be used again; a wrong one has no effect. */
  checkCode(user: User, channel: Channel, otp: string): 'right' | 'wrong' | 'expired' {
    const code = user.codes[channel];
    if (code === undefined) return 'wrong';
    if (code.expiresAt <= Date.now()) return 'expired';
    if (code.code !== otp) return 'wrong';
    this.setVerified(user.userId, channel, true);
    return 'right';
  }

  /** Marks a channel as verified or open, as if the user had verified it elsewhere. Invalidates a code that was sent. */
  setVerified(userId: string, channel: Channel, verified: boolean): void {
    const user = this.getOrRegister(userId);
    user.verified[channel] = verified;
    delete user.codes[channel];
  }

  /** Sets the kind of a user's record. */
  setRecord(userId: string, record: RecordKind): void {
    this.getOrRegister(userId).record = record;
  }

  /** Removes a user, as after a deactivation. */
  remove(userId: string): void {
    this.#users.delete(userId);
  }

  /** Returns all registered users. */
  all(): User[] {
    return [...this.#users.values()];
  }

  /** Returns the channels that a user has verified. */
  verifiedOf(userId: string): Channel[] {
    const verified = this.#users.get(userId)?.verified;
    return (['email', 'sms'] as const).filter((channel) => verified?.[channel] === true);
  }

  /** Returns the messages to one user or to all, newest last. */
  outbox(userId?: string): Mail[] {
    const mails = userId === undefined ? this.#outbox : (this.#byUser.get(userId) ?? []);
    return mails.map((mail) => ({ ...mail }));
  }

  /** Returns the state in the form that the constructor takes. */
  save(): SavedUsers {
    return { users: [...this.#users.values()], outbox: this.#outbox };
  }

  #post(mail: Mail): void {
    this.#outbox.push(mail);
    const own = this.#byUser.get(mail.userId);
    if (own) own.push(mail);
    else this.#byUser.set(mail.userId, [mail]);
  }
}

/** Returns whether a user must still verify a channel. A business has no phone to verify. */
export function isOpen(user: User, channel: Channel): boolean {
  return !user.verified[channel] && !(channel === 'sms' && user.accountType === 'corporation');
}

/** Returns the address that a user's codes are sent to. */
export function addressOf(user: User, channel: Channel): string {
  return channel === 'email' ? user.email : user.phone;
}
