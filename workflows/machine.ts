import { assign, setup } from 'xstate';
import type { Channel } from '../activities/contract.ts';
import { beginContext } from './context.ts';
import type { Context, JourneyInput, ResumeTo, StallReason, WishReason } from './context.ts';
import type { JourneyEvent } from './events.ts';
import * as ledger from './ledger.ts';
import * as limits from './limits.ts';
import { currentChannel } from './limits.ts';

/** Raised whenever a kept snapshot could no longer be read by this machine. */
export const MACHINE_VERSION = 1;

/** A delay that never comes due. */
const NEVER = Infinity;

interface Scope {
  readonly context: Context;
  readonly event: JourneyEvent;
}

/** The machine has no clock: every event carries its time, and the first one is the start. */
const now = ({ context, event }: Scope) => ('at' in event ? event.at : context.startedAt);
const until = (at: number | undefined, scope: Scope) => (at === undefined ? NEVER : Math.max(0, at - now(scope)));
const isForCurrent = ({ context, event }: Scope) => 'channel' in event && event.channel === currentChannel(context);
/** What the one who gave a command knew of: a code that was sent after that is not sent again. */
const asOf = ({ event }: Scope) => ('asOf' in event ? event.asOf : undefined);
const detailOf = ({ event }: { event: JourneyEvent }) => ('detail' in event ? event.detail : null);

const parts = setup({
  types: {
    context: {} as Context,
    input: {} as JourneyInput,
    events: {} as JourneyEvent,
    tags: {} as 'busy' | 'sending',
  },
  guards: {
    isBusiness: ({ context }) => context.accountType === 'business',
    isVerifiedBySms: ({ context }) => context.evidence.sms !== null,
    startsSmsByItself: ({ context }) => context.policy.smsStart === 'automatic',
    isMailedByProvider: ({ context }) => limits.mailedByProvider(context, currentChannel(context)),
    isForThisChannel: isForCurrent,
    mayRecover: (scope) =>
      limits.healsWithTime(scope.context) &&
      limits.sendOpensAt(scope.context, currentChannel(scope.context)) <= now(scope),
    mayGuess: (scope) =>
      isForCurrent(scope) &&
      limits.codeIsOut(scope.context, currentChannel(scope.context)) &&
      limits.guessesLeft(scope.context, currentChannel(scope.context)) > 0,
    isCodeOut: ({ context }) => limits.codeIsOut(context, currentChannel(context)),
    mayResend: (scope) =>
      isForCurrent(scope) &&
      !limits.sentAfter(scope.context, currentChannel(scope.context), asOf(scope)) &&
      limits.sendOpensAt(scope.context, currentChannel(scope.context)) <= now(scope),
    isBelowSendLimit: (scope) => limits.sendLimitEndsAt(scope.context, currentChannel(scope.context)) <= now(scope),
    isOverSendLimit: (scope) => limits.sendLimitEndsAt(scope.context, currentChannel(scope.context)) > now(scope),
    isCoolingDown: (scope) => limits.cooldownEndsAt(scope.context, currentChannel(scope.context)) > now(scope),
    needsTheRecord: ({ context }) => context.evidence.email === 'operator' && !context.recordAgrees,
    isSpent: ({ context }) => context.guesses[currentChannel(context)].onChannel >= context.policy.guesses.perChannel,
    isSendStillDue: ({ context }) => context.stall !== null,
    wasLastTry: ({ context }) => limits.isLastTry(context.wish?.why),
    recordSaysVerified: ({ context, event }) =>
      event.type === 'recordRead' && event.record[currentChannel(context)] === 'verified',
    recordAgreesAtLast: ({ context, event }) =>
      context.evidence.email === 'operator' &&
      !context.recordAgrees &&
      event.type === 'recordRead' &&
      event.record.email === 'verified',
    resumesTo: ({ context }, { step }: { step: ResumeTo }) => context.resumeTo === step,
    stopsForGood: ({ context }) => context.afterStop === 'cancelled',
  },
  delays: {
    journeyLife: (scope) => until(scope.context.expiresAt, scope),
    reminderAfter: ({ context }) => (context.reminded[currentChannel(context)] ? NEVER : context.policy.reminderAfter),
    codeLifeAfterUnknown: (scope) =>
      until(limits.automaticResendAt(scope.context, currentChannel(scope.context)), scope),
    cooldown: (scope) => until(limits.cooldownEndsAt(scope.context, currentChannel(scope.context)), scope),
    sendLimit: (scope) =>
      scope.context.stall?.reason === 'sendLimit'
        ? until(limits.sendLimitEndsAt(scope.context, currentChannel(scope.context)), scope)
        : NEVER,
  },
  actions: {
    // Effects: what the workflow is to perform. In the machine they are a name and parameters.
    send: (_, _params: { channel: Channel; once?: true }) => {},
    stopSend: () => {},
    confirm: (_, _params: { channel: Channel; code: string }) => {},
    readUser: () => {},

    // Changes of memory.
    wishFor: assign(({ context }, { why }: { why: WishReason }) => ledger.wishFor(context, why)),
    openWish: assign(({ context }) => (context.wish === null ? ledger.wishFor(context, 'first') : {})),
    recordSend: assign(({ context }, { answer }: { answer: ledger.SendAnswer }) => ledger.recordSend(context, answer)),
    rememberReminder: assign(({ context }) => ({
      reminded: { ...context.reminded, [currentChannel(context)]: true },
    })),
    countGuess: assign((scope) => ledger.countGuess(scope.context, now(scope))),
    giveGuessBack: assign(({ context }) => ledger.giveGuessBack(context)),
    giveFreshGuesses: assign(({ context }) => ledger.freshGuesses(context)),
    verifyByCode: assign(({ context }) => ledger.verify(context, 'code')),
    verifyByProvider: assign(({ context }) => ledger.verify(context, 'provider')),
    verifyByOperator: assign(({ context }) => ledger.verify(context, 'operator')),
    verifyByRecord: assign(({ context, event }) =>
      event.type === 'recordRead' ? ledger.verifyByRecord(context, event.record) : {},
    ),
    rememberAgreement: assign({ recordAgrees: true }),
    stallAs: assign((scope, { reason, detail }: { reason: StallReason; detail: string | null }) => ({
      stall: ledger.stallAs(scope.context, reason, detail, now(scope)),
    })),
    holdLife: assign((scope) => ({ heldSince: scope.context.heldSince ?? now(scope) })),
    goOnLiving: assign((scope) => ({
      stall: null,
      heldSince: null,
      expiresAt:
        scope.context.expiresAt + (scope.context.heldSince === null ? 0 : now(scope) - scope.context.heldSince),
    })),
    comeBackTo: assign((_, { step }: { step: ResumeTo }) => ({ resumeTo: step })),
    stopFor: assign((_, { next }: { next: Context['afterStop'] }) => ({ afterStop: next })),
  },
});

const toWish = (why: WishReason) => ({ type: 'wishFor' as const, params: { why } });
const toStep = (step: ResumeTo) => ({ type: 'comeBackTo' as const, params: { step } });
const toStall = (reason: StallReason) => ({
  type: 'stallAs' as const,
  params: ({ event }: { event: JourneyEvent }) => ({ reason, detail: detailOf({ event }) }),
});
const toLedger = {
  type: 'recordSend' as const,
  params: ({ event }: { event: ledger.SendAnswer }) => ({ answer: event }),
};
const expires = { journeyLife: '#expired' } as const;

/** The steps of a channel that is not verified yet, the same for both. `verified` is where it leads to. */
function pending(channel: Channel, verified: string) {
  const step = (name: string) => `#${channel}.${name}`;
  const byCode = { target: verified, actions: 'verifyByCode' as const };
  const byProvider = { target: verified, actions: 'verifyByProvider' as const };
  const byRecord = { guard: 'recordSaysVerified' as const, target: verified, actions: 'verifyByRecord' as const };
  const byOperator = { guard: 'isForThisChannel' as const, target: verified, actions: 'verifyByOperator' as const };
  const onRecordBeforeText = {
    recordRead: [
      byRecord,
      { guard: 'recordAgreesAtLast' as const, target: 'asking', actions: 'rememberAgreement' as const },
      {
        target: step('stalled'),
        actions: {
          type: 'stallAs' as const,
          params: { reason: 'providerRefused' as const, detail: "the provider's record still wants the e-mail" },
        },
      },
    ],
    recordRefused: { target: step('stalled'), actions: toStall('providerRefused') },
    recordUnread: { target: step('stalled'), actions: toStall('providerUnavailable') },
    recordCredentials: { target: step('stalled'), actions: toStall('credentials') },
  };
  const pauseFrom = (from: ResumeTo) => ({ target: step('paused'), actions: toStep(from) });
  const submitCode = {
    guard: 'mayGuess' as const,
    target: step('checkingCode'),
    actions: [
      'countGuess' as const,
      {
        type: 'confirm' as const,
        params: ({ event }: { event: Extract<JourneyEvent, { type: 'submitCode' }> }) => ({
          channel,
          code: event.code,
        }),
      },
    ],
  };

  return parts.createStateConfig({
    id: channel,
    initial: 'starting',
    states: {
      starting: {
        description:
          'Decides whether a code is to be sent, was mailed by the provider on registration, or would be of no use: a journey that restarts keeps the guesses of its last day.',
        always: [
          { guard: 'isSpent', target: 'locked' },
          { guard: 'isMailedByProvider', target: 'awaitingCode' },
          { target: 'sending' },
        ],
      },

      sending: {
        description: 'A code is due and on its way to be sent. What never reached the provider is tried again.',
        entry: 'goOnLiving',
        initial: 'due',
        states: {
          due: {
            description: 'Decides whether the code may be sent now.',
            always: [
              { guard: 'isOverSendLimit', target: step('stalled'), actions: toStall('sendLimit') },
              { guard: 'isCoolingDown', target: 'coolingDown' },
              { guard: 'needsTheRecord', target: 'reading' },
              { target: 'asking' },
            ],
          },
          coolingDown: {
            description: 'The last send is too young for another.',
            after: { cooldown: 'due' },
            on: { pause: pauseFrom('sending'), cancel: '#cancelled' },
          },
          reading: {
            description: 'Only an operator said that the e-mail is verified: the record is asked before a text is.',
            tags: 'busy',
            entry: 'readUser',
            on: onRecordBeforeText,
          },
          asking: {
            description: 'The provider is being asked to send a code. Never two at a time.',
            tags: 'sending',
            entry: ['openWish', { type: 'send', params: { channel } }],
            on: {
              codeSent: { target: step('awaitingCode'), actions: toLedger },
              sendAlreadyVerified: { target: verified, actions: toLedger },
              sendRefused: { target: step('stalled'), actions: toLedger },
              sendUnreached: { target: step('stalled'), actions: toLedger },
              sendRateLimited: { target: step('stalled'), actions: toLedger },
              sendCredentials: { target: step('stalled'), actions: toLedger },
              sendUnknown: [
                { guard: 'wasLastTry', target: step('stalled'), actions: toLedger },
                { target: step('awaitingCode'), actions: toLedger },
              ],
              pause: { target: 'stopping', actions: { type: 'stopFor', params: { next: 'paused' } } },
              cancel: { target: 'stopping', actions: { type: 'stopFor', params: { next: 'cancelled' } } },
            },
          },
          stopping: {
            description: 'Paused or cancelled while a send was in flight: its outcome is awaited and recorded first.',
            tags: 'busy',
            entry: 'stopSend',
            on: {
              codeSent: { target: 'stopped', actions: [toLedger, toStep('awaitingCode')] },
              sendAlreadyVerified: { target: 'stopped', actions: [toLedger, toStep('verified')] },
              sendRefused: { target: 'stopped', actions: [toLedger, toStep('stalled')] },
              sendUnreached: { target: 'stopped', actions: [toLedger, toStep('sending')] },
              sendRateLimited: { target: 'stopped', actions: [toLedger, toStep('sending')] },
              sendCredentials: { target: 'stopped', actions: [toLedger, toStep('stalled')] },
              sendUnknown: [
                { guard: 'wasLastTry', target: 'stopped', actions: [toLedger, toStep('stalled')] },
                { target: 'stopped', actions: [toLedger, toStep('awaitingCode')] },
              ],
              sendStopped: { target: 'stopped', actions: [toLedger, toStep('sending')] },
            },
          },
          stopped: {
            description: 'The send has settled.',
            always: [{ guard: 'stopsForGood', target: '#cancelled' }, { target: step('paused') }],
          },
        },
      },

      awaitingCode: {
        description: 'The user holds a code, as far as anybody knows, and is waited for.',
        entry: 'goOnLiving',
        initial: 'waiting',
        states: {
          waiting: {
            description: 'Nothing is due but a reminder, and one more send where the outcome of the last is unknown.',
            after: {
              ...expires,
              reminderAfter: { target: step('sending'), actions: ['rememberReminder', toWish('reminder')] },
              codeLifeAfterUnknown: { target: step('sending'), actions: toWish('automatic') },
            },
            on: {
              submitCode,
              resend: { guard: 'mayResend', target: step('sending'), actions: toWish('resend') },
              recheck: 'rechecking',
              override: byOperator,
              pause: pauseFrom('awaitingCode'),
              cancel: '#cancelled',
            },
          },
          rechecking: rechecking({ found: [byRecord] }),
        },
      },

      checkingCode: {
        description: 'A code is being judged; another one waits its turn.',
        tags: 'busy',
        initial: 'asking',
        states: {
          asking: {
            description: 'The provider is being asked. The guess was counted before.',
            on: {
              codeRight: byCode,
              codeAlreadyVerified: byProvider,
              codeWrong: 'judged',
              codeNotJudged: { target: 'judged', actions: 'giveGuessBack' },
              codeUnknown: 'reading',
            },
          },
          reading: {
            description: 'Nobody knows whether the code was taken: the record tells. The guess stays spent.',
            entry: 'readUser',
            on: {
              recordRead: [byRecord, { target: 'judged' }],
              recordRefused: 'judged',
              recordUnread: 'judged',
              recordCredentials: 'judged',
            },
          },
          judged: {
            description: 'Not verified: back to where the user was.',
            always: [
              { guard: 'isSpent', target: step('locked') },
              { guard: 'isSendStillDue', target: step('stalled') },
              { target: step('awaitingCode') },
            ],
          },
        },
      },

      locked: {
        description: 'Every guess of the channel is spent. An operator opens it.',
        entry: 'goOnLiving',
        initial: 'waiting',
        states: {
          waiting: {
            description: 'Nothing is due.',
            after: expires,
            on: {
              retry: [
                { guard: 'isCodeOut', target: step('awaitingCode'), actions: 'giveFreshGuesses' },
                { target: step('sending'), actions: 'giveFreshGuesses' },
              ],
              recheck: 'rechecking',
              override: byOperator,
              pause: pauseFrom('locked'),
              cancel: '#cancelled',
            },
          },
          rechecking: rechecking({ found: [byRecord] }),
        },
      },

      stalled: {
        description: 'A send is due, and nothing more happens without the provider or an operator. Never lost.',
        entry: 'holdLife',
        initial: 'waiting',
        states: {
          waiting: {
            description: 'Waits for recovery or an operator; over the send limit, for time.',
            after: { sendLimit: { target: step('sending') } },
            on: {
              submitCode,
              retry: { guard: 'isBelowSendLimit', target: step('sending'), actions: toWish('retry') },
              recover: { guard: 'mayRecover', target: 'trying', actions: toWish('retry') },
              recheck: 'rechecking',
              override: byOperator,
              pause: pauseFrom('stalled'),
              cancel: '#cancelled',
            },
          },
          rechecking: rechecking({
            found: [
              byRecord,
              {
                guard: 'recordAgreesAtLast',
                target: step('sending'),
                actions: ['rememberAgreement', toWish('retry')],
              },
            ],
          }),
          trying: {
            description:
              'Recovery has the code sent by a single try. What the provider does not judge changes nothing.',
            tags: 'busy',
            initial: 'due',
            states: {
              due: {
                description: 'Decides whether the record is to be asked first.',
                always: [{ guard: 'needsTheRecord', target: 'reading' }, { target: 'asking' }],
              },
              reading: {
                description: 'Only an operator said that the e-mail is verified: the record is asked before a text is.',
                entry: 'readUser',
                on: onRecordBeforeText,
              },
              asking: {
                description: 'The provider is being asked to send a code, once.',
                entry: ['openWish', { type: 'send', params: { channel, once: true } }],
                on: {
                  codeSent: { target: step('awaitingCode'), actions: toLedger },
                  sendAlreadyVerified: { target: verified, actions: toLedger },
                  sendRefused: { target: step('stalled'), actions: toLedger },
                  sendUnreached: { target: step('stalled'), actions: toLedger },
                  sendRateLimited: { target: step('stalled'), actions: toLedger },
                  sendCredentials: { target: step('stalled'), actions: toLedger },
                  // A code may be on its way, which its user may enter.
                  sendUnknown: { target: step('awaitingCode'), actions: toLedger },
                },
              },
            },
          },
        },
      },

      paused: {
        description: 'An operator holds the journey. Resuming returns to the step before, a due send included.',
        entry: 'holdLife',
        on: {
          resume: [
            { guard: { type: 'resumesTo', params: { step: 'verified' } }, target: verified },
            { guard: { type: 'resumesTo', params: { step: 'awaitingCode' } }, target: 'awaitingCode' },
            { guard: { type: 'resumesTo', params: { step: 'locked' } }, target: 'locked' },
            { guard: { type: 'resumesTo', params: { step: 'stalled' } }, target: 'stalled' },
            { target: 'sending' },
          ],
          cancel: '#cancelled',
        },
      },
    },
  });
}

/** The provider's record is being read, which sends nothing; what it does not settle leaves the step as it was. */
function rechecking({ found, back = 'waiting' }: { found: readonly object[]; back?: string }) {
  return parts.createStateConfig({
    description: "The provider's own record is being read, which sends nothing.",
    tags: 'busy',
    entry: 'readUser',
    on: {
      recordRead: [...found, { target: back }],
      recordRefused: back,
      recordUnread: back,
      recordCredentials: back,
    },
  });
}

/**
 * XState begins an actor of its own for each transition, with no input, and drops it. One error for all of these: to
 * make a new one each time, with its stack, costs as much as the transition.
 */
const withoutInput = new Error('a journey begins with an input');

/** A user's way to verified. */
export const onboarding = parts.createMachine({
  id: 'onboarding',
  version: String(MACHINE_VERSION),
  context: ({ input }: { input: JourneyInput | undefined }) => {
    if (input === undefined) throw withoutInput;
    return beginContext(input);
  },
  initial: 'emailPending',
  states: {
    emailPending: { description: 'The e-mail address is to be verified.', ...pending('email', '#emailVerified') },

    emailVerified: {
      id: 'emailVerified',
      description: 'The e-mail address is verified. A business is done; an individual goes on to the phone.',
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Decides what is left to verify.',
          always: [
            { guard: 'isBusiness', target: '#done' },
            { guard: 'isVerifiedBySms', target: '#done' },
            { guard: 'startsSmsByItself', target: '#sms' },
            { target: 'resting' },
          ],
        },
        resting: {
          description: 'Rests until the user asks for the first text.',
          entry: 'goOnLiving',
          after: expires,
          on: {
            resend: { guard: 'mayResend', target: '#sms' },
            recheck: 'rechecking',
            override: { guard: 'isForThisChannel', target: '#done', actions: 'verifyByOperator' },
            pause: 'paused',
            cancel: '#cancelled',
          },
        },
        rechecking: rechecking({
          found: [{ guard: 'recordSaysVerified', target: '#done', actions: 'verifyByRecord' }],
          back: 'resting',
        }),
        paused: {
          description: 'An operator holds the journey.',
          entry: 'holdLife',
          on: { resume: 'resting', cancel: '#cancelled' },
        },
      },
    },

    smsPending: { description: 'The phone number is to be verified.', ...pending('sms', '#done') },

    done: { id: 'done', type: 'final', description: 'Everything that the account needs is verified.' },
    expired: {
      id: 'expired',
      type: 'final',
      description: 'The user did not come back within the life of the journey.',
    },
    cancelled: { id: 'cancelled', type: 'final', description: 'An operator ended the journey.' },
  },
});
