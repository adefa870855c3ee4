import { labelsOf } from './labels.ts';
import { digits, draw, hash } from './random.ts';

export type Channel = 'email' | 'sms';
export type AccountType = 'individual' | 'corporation';

/** A code that was sent; `expiresAt` in ms since 1970. */
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
  codes: Partial<Record<Channel, Code>>;
  /** How many codes each channel has had: the nth is the same for the same seed, also after a restart. */
  made: Record<Channel, number>;
}

/** What a person finds in their inbox or on their phone. */
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

/** The provider's users, their codes, and the outbox of everything that was sent. */
export class Users {
  readonly #seed: number;
  readonly #codes: { readonly life: number; readonly digits: number };
  readonly #users: Map<string, User>;
  readonly #outbox: Mail[] = [];
  readonly #byUser = new Map<string, Mail[]>();

  /** Takes the seed of the codes, their life in ms and their length, and what was saved. */
  constructor(seed: number, codes: { life: number; digits: number }, saved: SavedUsers = { users: [], outbox: [] }) {
    this.#seed = seed;
    this.#codes = codes;
    this.#users = new Map(saved.users.map((user) => [user.userId, user]));
    for (const mail of saved.outbox) this.#post(mail);
  }

  has(userId: string): boolean {
    return this.#users.has(userId);
  }

  /** Gives a user; one never seen is entered quietly, as their partner would have registered them before. */
  meet(userId: string): User {
    return this.#users.get(userId) ?? this.register(userId, {});
  }

  /** Enters a user. What is left out comes from the id: type from its labels, addresses made up. */
  register(userId: string, given: { accountType?: AccountType; email?: string; phone?: string }): User {
    const labels = labelsOf(userId);
    const verified = new Set(labels.flatMap((label) => label.verified ?? []));
    const user: User = {
      userId,
      accountType: given.accountType ?? labels.find((label) => label.accountType)?.accountType ?? 'individual',
      email: given.email ?? `${userId.replaceAll(/[^A-Za-z0-9._-]/g, '-')}@example.test`,
      phone: given.phone ?? `+1555${digits(hash(userId) / 2 ** 32, 7)}`,
      verified: { email: verified.has('email'), sms: verified.has('sms') },
      codes: {},
      made: { email: 0, sms: 0 },
    };
    this.#users.set(userId, user);
    return user;
  }

  /** Sends a code; it takes the place of the one before. */
  sendCode(user: User, channel: Channel): void {
    user.made[channel] += 1;
    const code = digits(draw(this.#seed, `code/${channel}/${user.made[channel]}/${user.userId}`), this.#codes.digits);
    user.codes[channel] = { code, expiresAt: Date.now() + this.#codes.life };
    const to = addressOf(user, channel);
    this.#post({ userId: user.userId, channel, to, code, at: new Date().toISOString() });
  }

  /** Judges a code. The right one verifies the channel and is used up; a wrong one costs nothing. */
  judge(user: User, channel: Channel, otp: string): 'right' | 'wrong' | 'expired' {
    const code = user.codes[channel];
    if (code === undefined) return 'wrong';
    if (code.expiresAt <= Date.now()) return 'expired';
    if (code.code !== otp) return 'wrong';
    this.mark(user.userId, channel, true);
    return 'right';
  }

  /** Makes a channel verified or open, as if it had happened elsewhere; a code under way is void. */
  mark(userId: string, channel: Channel, verified: boolean): void {
    const user = this.meet(userId);
    user.verified[channel] = verified;
    delete user.codes[channel];
  }

  /** Gives the channels that a user has verified. */
  verifiedOf(userId: string): Channel[] {
    const verified = this.#users.get(userId)?.verified;
    return (['email', 'sms'] as const).filter((channel) => verified?.[channel] === true);
  }

  /** Gives what was sent, newest last, to one user or to all. */
  outbox(userId?: string): Mail[] {
    const mails = userId === undefined ? this.#outbox : (this.#byUser.get(userId) ?? []);
    return mails.map((mail) => ({ ...mail }));
  }

  /** Gives everything as it would be handed to the constructor. */
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

/** Tells whether a user has still to verify a channel; a business has no phone to verify. */
export function isOpen(user: User, channel: Channel): boolean {
  return !user.verified[channel] && !(channel === 'sms' && user.accountType === 'corporation');
}

/** Gives where a user's codes go. */
export function addressOf(user: User, channel: Channel): string {
  return channel === 'email' ? user.email : user.phone;
}

/** Tells whether a value from outside names a channel. */
export function isChannel(value: unknown): value is Channel {
  return value === 'email' || value === 'sms';
}
