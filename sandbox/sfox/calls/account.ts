import { refuse, type Fields, type Reply } from '../http.ts';
import type { AccountType } from '../channels.ts';
import { listedRecordOf, recordOf } from '../records.ts';
import { isOpen, type User, type Users } from '../users.ts';

/** Returns a user's record. A requirement that is `true` is still open. */
export function read(users: Users, userId: string): Reply {
  return record(users.getOrRegister(userId));
}

/** Registers a user and sends a first code by e-mail, as sFOX does on registration. */
export function register(users: Users, userId: string, fields: Fields): Reply {
  const { account_type: accountType, email, phone } = fields;
  if (userId === '') return refuse(400, 'user_id must be a string');
  if (!isAccountType(accountType)) return refuse(400, 'account_type must be individual or corporation');
  if (!isTextOrAbsent(email) || !isTextOrAbsent(phone)) return refuse(400, 'email and phone must be strings');
  if (users.has(userId)) return refuse(422, 'User already exists');
  const user = users.register(userId, { accountType, ...(email && { email }), ...(phone && { phone }) });
  if (isOpen(user, 'email')) users.sendCode(user, 'email');
  return record(user);
}

/** Deactivates a user: the list lacks them from then on. */
export function deactivate(users: Users, userId: string): Reply {
  if (!users.has(userId)) return refuse(404, 'User not found');
  users.remove(userId);
  return { status: 200, body: { data: { user_id: userId } } };
}

/** Lists all users in one reply, as the provider does. */
export function list(users: Users): Reply {
  return { status: 200, body: { data: users.all().map(listedRecordOf) } };
}

function record(user: User): Reply {
  return { status: 200, body: { data: recordOf(user) } };
}

function isAccountType(value: unknown): value is AccountType {
  return value === 'individual' || value === 'corporation';
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
