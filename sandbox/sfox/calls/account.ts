import { refuse, type Fields, type Reply } from '../http.ts';
import { isOpen, type AccountType, type User, type Users } from '../users.ts';

/** Gives a user's record: a requirement that is true is still open. */
export function read(users: Users, userId: string): Reply {
  return record(users.meet(userId));
}

/** Enters a user, and mails them a first e-mail code, as sFOX does by itself on registration. */
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

function record(user: User): Reply {
  const requirements = { email: isOpen(user, 'email'), sms: isOpen(user, 'sms') };
  const status = requirements.email || requirements.sms ? 'PENDING' : 'VERIFIED';
  const data = { user_id: user.userId, status, account_type: user.accountType, requirements };
  return { status: 200, body: { data } };
}

function isAccountType(value: unknown): value is AccountType {
  return value === 'individual' || value === 'corporation';
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
