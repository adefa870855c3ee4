import { isOpen, type User } from './users.ts';

/** Returns a user's record. A requirement that is `true` is still open. */
export function recordOf(user: User): object {
  const { userId, accountType, record = 'usual' } = user;
  const about = { user_id: userId, account_type: accountType };
  const channels = { email: isOpen(user, 'email'), sms: isOpen(user, 'sms') };
  const requirements = record === 'documents' ? { ...channels, documents: true } : channels;
  const status = Object.values(requirements).includes(true) ? 'PENDING' : 'VERIFIED';
  if (record === 'unsupported') return { ...about, status: 'UNSUPPORTED', requirements };
  if (record === 'silent') return { ...about, status, requirements: {} };
  if (record === 'tiers') return { ...about, tier: 1, requirements: { current: [{ name: 'email' }], future: [] } };
  return { ...about, status, requirements };
}

/** Returns a user as the list has it: the record beside contact data. */
export function listedRecordOf(user: User): object {
  const { email, phone } = user;
  const contact = { email, first_name: 'Ada', last_name: 'Lovelace', phone_number: phone };
  return { account_role: 'Client', advisor_user_id: null, ...contact, ...recordOf(user) };
}
