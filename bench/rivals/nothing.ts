import type { Channel } from '../../activities/contract.ts';
import type { System } from '../stand/load.ts';
import { isVerified } from '../stand/provider.ts';
import type { Provider } from '../stand/provider.ts';

/** No engine at all: users whose product asks the provider itself. How fast that is, is how fast anything can be here. */
export function withNothing({ baseUrl }: Provider): System {
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
