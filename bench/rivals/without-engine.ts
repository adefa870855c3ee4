import type { Channel } from '../../activities/contract.ts';
import type { System } from '../harness/load.ts';
import { isVerified } from '../harness/provider.ts';
import type { Provider } from '../harness/provider.ts';

/** A system without an engine: users call the provider directly. Its rate is the maximum that the benchmark can measure. */
export function withoutEngine({ baseUrl }: Provider): System {
  const post = async (path: string, body: object) => {
    const reply = await fetch(`${baseUrl}/${path}`, { method: 'POST', body: JSON.stringify(body) });
    await reply.arrayBuffer();
  };
  const send = (userId: string, channel: Channel) => post(`users/send-verification/${userId}`, { type: channel });
  return {
    start: async (userId) => {
      await send(userId, 'email');
      if (isVerified(userId, 'email')) await send(userId, 'sms');
    },
    submit: async (userId, channel, code) => {
      await post(`users/verify/${userId}`, { type: channel, otp: code });
      if (channel === 'email') await send(userId, 'sms');
    },
  };
}
