import { refuse, type Fields, type Reply } from '../http.ts';
import { isChannel, type Channel } from '../channels.ts';
import { addressOf, type User, type Users } from '../users.ts';

/** Sends a code. Page: https://docs.sfox.com/connect/rest-api/end-users/create-verification-code */
export function send(users: Users, userId: string, { type }: Fields): Reply {
  if (!isChannel(type)) return refuse(400, 'type must be email or sms');
  const user = users.getOrRegister(userId);
  const refused = refusedSend(user, type);
  if (refused) return refused;
  users.sendCode(user, type);
  const field = type === 'email' ? 'email' : 'phone_number';
  return { status: 200, body: { data: { user_id: userId, type, [field]: addressOf(user, type) } } };
}

/** Checks a code. Page: https://docs.sfox.com/connect/rest-api/end-users/confirm-verification-code */
export function confirm(users: Users, userId: string, { type, otp }: Fields): Reply {
  if (!isChannel(type)) return refuse(400, 'type must be email or sms');
  if (typeof otp !== 'string') return refuse(400, 'otp must be a string');
  const user = users.getOrRegister(userId);
  if (user.verified[type]) return alreadyVerified(type);
  const verdict = users.checkCode(user, type, otp);
  // sFOX documents neither the lifetime of a code nor this text; both are assumptions.
  if (verdict === 'expired') return refuse(400, 'Verification code expired');
  return { status: 200, body: { data: { success: verdict === 'right', user_id: userId, type } } };
}

function refusedSend(user: User, type: Channel): Reply | undefined {
  if (user.verified[type]) return alreadyVerified(type);
  if (type === 'email') return undefined;
  // The page documents both rules but not the replies; these statuses and texts are assumptions.
  if (user.accountType === 'corporation') return refuse(422, 'Sms verification is not available for this account');
  if (!user.verified.email) return refuse(400, 'Email must be verified before requesting an sms code');
  return undefined;
}

function alreadyVerified(type: Channel): Reply {
  return refuse(422, type === 'email' ? 'Email already verified' : 'Phone already verified');
}
