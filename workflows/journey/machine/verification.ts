import { and, not } from 'xstate';
import { journey } from './setup.ts';
import { sendingStates } from './sending.ts';
import {
  adoptPolicyIn,
  openSend,
  submitCode,
  resend,
  visit,
  remind,
  sendOffered,
  sendOrOffer,
  resendAutomatically,
  override,
  pauseFrom,
  verifiedByRecord,
  stalledByRecord,
  readsRecord,
} from './transitions.ts';

/** The steps that verify one channel. Each channel of the journey has a copy. */
export const verification = journey.createStateConfig({
  initial: 'starting',
  states: {
    starting: {
      description:
        'Decides whether to send a code: the provider may have mailed one, a restarted journey may be locked, and the user may have left.',
      meta: { step: 'sending' },
      always: [
        { guard: 'isLocked', target: 'locked' },
        { guard: 'isFirstEmailSentByProvider', target: 'awaitingCode' },
        { guard: 'hasLeft', target: 'awaitingCode', actions: 'offerSend' },
        { target: 'sendDue' },
      ],
    },

    ...sendingStates,

    awaitingCode: {
      description: 'Waits for the user to enter the code, or to come back for one that is offered.',
      meta: { step: 'awaitingCode' },
      entry: 'resumeExpiry',
      after: { journeyLife: '#expired' },
      always: { guard: 'isLocked', target: 'locked' },
      on: {
        submitCode,
        resend,
        visit,
        recheck: 'recheckingCode',
        override,
        pause: pauseFrom('awaitingCode'),
        cancel: '#cancelled',
        adoptPolicy: adoptPolicyIn('awaitingCode'),
      },
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Decides which code is sent without being asked for.',
          always: [
            { guard: 'isHeldByQuietHours', target: 'quiet' },
            { guard: and(['isResendDue', 'isReminderDue']), target: 'uncertain' },
            { guard: 'isResendDue', target: 'uncertainReminded' },
            { guard: 'isReminderDue', target: 'notReminded' },
            { target: 'reminded' },
          ],
        },
        uncertain: {
          description:
            'The outcome of the last send is unknown: sends another code or a reminder, whichever is due first.',
          after: { reminderAfter: remind, automaticResendAfter: resendAutomatically },
        },
        uncertainReminded: {
          description: 'The outcome of the last send is unknown: sends another code when it is due.',
          after: { automaticResendAfter: resendAutomatically },
        },
        quiet: {
          description: 'Quiet hours hold an offered code: sends it at their end. A reminder is not due before.',
          after: { quietHoursEnd: sendOffered },
        },
        notReminded: { description: 'Sends a reminder when it is due.', after: { reminderAfter: remind } },
        reminded: { description: 'The reminder of the channel was sent.' },
        sendDue: { description: 'Another code is due.', type: 'final', entry: 'noteTime' },
      },
      onDone: 'sendDue',
    },
    recheckingCode: {
      description: "Reads the provider's record while a code is awaited. No code is sent.",
      meta: { step: 'awaitingCode' },
      ...readsRecord,
      on: {
        'record.read': [verifiedByRecord, { target: 'awaitingCode' }],
        'record.unsupported': stalledByRecord,
        'record.*': 'awaitingCode',
      },
    },

    checkingCode: {
      description: 'A confirmation request is in flight. The guess is already counted; further codes wait.',
      meta: { step: 'checkingCode' },
      tags: 'busy',
      on: {
        'code.correct': { target: 'verified', actions: 'verifyByCode' },
        'code.alreadyVerified': { target: 'verified', actions: 'verifyByProvider' },
        'code.incorrect': 'rejected',
        'code.notChecked': { target: 'rejected', actions: 'refundGuess' },
        'code.*': { target: 'readingVerdict', actions: 'countGuessAsUnknown' },
      },
    },
    readingVerdict: {
      description:
        "It is unknown whether the code was accepted: reads the provider's record. The guess has a counter of its own.",
      meta: { step: 'checkingCode' },
      ...readsRecord,
      on: {
        'record.read': [verifiedByRecord, { target: 'rejected' }],
        'record.unsupported': stalledByRecord,
        'record.*': 'rejected',
      },
    },
    rejected: {
      description: 'Not verified: returns to the previous step.',
      meta: { step: 'checkingCode' },
      always: [
        { guard: 'isLocked', target: 'locked' },
        { guard: 'isSendDue', target: 'stalled' },
        { target: 'awaitingCode' },
      ],
    },

    locked: {
      description: 'All guesses of the channel are used up. An operator can unlock it with a retry.',
      meta: { step: 'locked' },
      entry: 'resumeExpiry',
      after: { journeyLife: '#expired' },
      // The journey has adopted a policy with more guesses.
      always: [
        { guard: and([not('isLocked'), 'hasCodeBeenSent']), target: 'awaitingCode' },
        { guard: not('isLocked'), target: 'starting' },
      ],
      on: {
        retry: [
          { guard: 'hasCodeBeenSent', target: 'awaitingCode', actions: 'resetGuesses' },
          { target: 'sendDue', actions: 'resetGuesses' },
        ],
        recheck: 'recheckingLock',
        override,
        pause: pauseFrom('locked'),
        cancel: '#cancelled',
        adoptPolicy: adoptPolicyIn('locked'),
      },
    },
    recheckingLock: {
      description: "Reads the provider's record of a locked channel.",
      meta: { step: 'locked' },
      ...readsRecord,
      on: {
        'record.read': [verifiedByRecord, { target: 'locked' }],
        'record.unsupported': stalledByRecord,
        'record.*': 'locked',
      },
    },

    stalled: {
      description:
        'A send is due but cannot proceed until the provider recovers or an operator acts. Suspends the expiry.',
      meta: { step: 'stalled' },
      entry: 'suspendExpiry',
      on: {
        submitCode,
        retry: { guard: not('isOverSendLimit'), target: 'sendDue', actions: openSend('retry') },
        recheck: 'recheckingStall',
        override,
        pause: pauseFrom('stalled'),
        cancel: '#cancelled',
        adoptPolicy: adoptPolicyIn('stalled'),
        recover: [
          { guard: and(['canRecover', 'maySendAutomatically']), target: 'recoveryDue', actions: openSend('retry') },
          { guard: 'canRecover', target: 'awaitingCode', actions: 'offerSend' },
        ],
        visit: { actions: 'noteActivity' },
      },
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Decides whether the journey resumes on a timer.',
          always: [
            { guard: 'isStalledBySendLimit', target: 'limited' },
            { guard: 'isStalledBySendBudget', target: 'overBudget' },
            { target: 'waiting' },
          ],
        },
        waiting: { description: 'Waits for recovery or an operator.' },
        limited: {
          description: 'Waits until the send limit allows another send.',
          after: { sendLimit: sendOrOffer },
        },
        overBudget: {
          description: 'Waits until the budget of all journeys allows another send.',
          after: { sendBudget: sendOrOffer },
        },
        sendDue: {
          description: 'The send limit, or the budget, allows another send.',
          type: 'final',
          entry: 'noteTime',
        },
      },
      onDone: [{ guard: 'isOffered', target: 'awaitingCode' }, { target: 'sendDue' }],
    },
    recheckingStall: {
      description: "Reads the provider's record of a stalled journey. A record that ends the stall leads to a send.",
      meta: { step: 'stalled' },
      ...readsRecord,
      on: {
        'record.read': [
          verifiedByRecord,
          { guard: and(['isUnsupported', 'isLocked']), target: 'locked' },
          { guard: 'isUnsupported', target: 'awaitingCode' },
          { guard: 'isUnknownUser', target: 'sendDue', actions: openSend('retry') },
          { guard: 'recordNowAgrees', target: 'sendDue', actions: ['markRecordAgreed', openSend('retry')] },
          { target: 'stalled' },
        ],
        'record.unsupported': stalledByRecord,
        'record.*': 'stalled',
      },
    },
    paused: {
      description:
        'An operator paused the journey. Resuming returns to the previous step and sends a code that is due.',
      meta: { step: 'paused' },
      entry: 'suspendExpiry',
      on: {
        resume: [
          { guard: { type: 'resumesTo', params: { step: 'verified' } }, target: 'verified' },
          { guard: { type: 'resumesTo', params: { step: 'awaitingCode' } }, target: 'awaitingCode' },
          { guard: { type: 'resumesTo', params: { step: 'locked' } }, target: 'locked' },
          { guard: { type: 'resumesTo', params: { step: 'stalled' } }, target: 'stalled' },
          { target: 'sendDue' },
        ],
        cancel: '#cancelled',
      },
    },

    verified: { description: 'The channel is verified.', type: 'final', entry: 'noteTime' },
  },
});
