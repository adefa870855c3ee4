import * as restate from '@restatedev/restate-sdk';
import { confirm, send } from './provider.js';

/** The journey as a Restate workflow: durable steps, and durable promises that another handler resolves. */

const onboarding = restate.workflow({
  name: 'onboarding',
  handlers: {
    run: async (ctx) => {
      for (const channel of ['email', 'sms']) {
        ctx.set('state', `${channel}Pending`);
        const { verified } = await ctx.run(`send by ${channel}`, () => send(ctx.key, channel));
        if (!verified) await ctx.promise(channel);
      }
      ctx.set('state', 'done');
    },

    submitCode: async (ctx, { channel, code }) => {
      const verified = ctx.promise(channel);
      if ((await verified.peek()) !== undefined) return { outcome: 'verified' };
      const { correct } = await ctx.run('confirm', () => confirm(ctx.key, channel, code));
      if (correct) await verified.resolve(true);
      return { outcome: correct ? 'verified' : 'incorrect' };
    },

    status: async (ctx) => ({ state: await ctx.get('state') }),
  },
});

export const serve = (port) => restate.serve({ services: [onboarding], port });
