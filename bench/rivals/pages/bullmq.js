import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { confirm, send } from './provider.js';

/** The journey as BullMQ jobs, with the user's state in Redis: each completed job adds the next. */

const NAME = 'onboarding';
const JOB_OPTIONS = { attempts: 10, backoff: { type: 'exponential', delay: 1_000 }, removeOnComplete: { age: 3_600 } };
const RESULT_TIMEOUT_MS = 5_000;

// Workers wait for Redis without a limit while it is unavailable.
const redisAt = (port) => new Redis(port, { maxRetriesPerRequest: null }).on('error', () => {});

const stateOf = (userId) => `user:${userId}`;

// The job id is unique, so adding the same job again has no effect.
const addSend = (queue, userId, channel) =>
  queue.add('send', { userId, channel }, { ...JOB_OPTIONS, jobId: `${userId}-send-${channel}` });

export function serve(port) {
  const connection = redisAt(port);
  const queue = new Queue(NAME, { connection });

  const completeChannel = async (userId, channel) => {
    await connection.hset(stateOf(userId), 'state', channel === 'email' ? 'smsPending' : 'done');
    if (channel === 'email') await addSend(queue, userId, 'sms');
  };
  const jobs = {
    send: async ({ userId, channel }) => {
      const { verified } = await send(userId, channel);
      if (verified) await completeChannel(userId, channel);
    },
    confirm: async ({ userId, channel, code }) => {
      const { correct } = await confirm(userId, channel, code);
      if (correct) await completeChannel(userId, channel);
      return { outcome: correct ? 'verified' : 'incorrect' };
    },
  };
  const worker = new Worker(NAME, ({ name, data }) => jobs[name](data), { connection, concurrency: 100 });
  worker.on('error', () => {});
  return worker.waitUntilReady();
}

/** Returns the product's client. */
export async function connect(port) {
  const connection = redisAt(port);
  const [queue, events] = [new Queue(NAME, { connection }), new QueueEvents(NAME, { connection })];
  for (const one of [queue, events]) one.on('error', () => {}).setMaxListeners(0);
  await events.waitUntilReady();
  return {
    start: async (userId) => {
      await connection.hsetnx(stateOf(userId), 'state', 'emailPending');
      await addSend(queue, userId, 'email');
    },
    submit: async (userId, channel, code) => {
      const jobId = `${userId}-confirm-${channel}-${code}`;
      const job = await queue.add('confirm', { userId, channel, code }, { ...JOB_OPTIONS, jobId });
      return job.waitUntilFinished(events, RESULT_TIMEOUT_MS);
    },
    isDone: async (userId) => (await connection.hget(stateOf(userId), 'state')) === 'done',
    close: async () => {
      await Promise.all([queue.close(), events.close()]);
      await connection.quit();
    },
  };
}
