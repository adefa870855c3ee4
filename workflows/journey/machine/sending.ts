import { journey } from './setup.ts';
import {
  adoptPolicyIn,
  sendCode,
  sendCodeOnce,
  pauseFrom,
  stopTo,
  stoppedAt,
  stoppedInStall,
  codeMayBeSent,
  verifiedBySend,
  stalledBySend,
  verifiedByRecord,
  agreedTo,
  stalledByRecord,
  readsRecord,
} from './transitions.ts';

/** The states in which a code is sent: part of `verification`. */
export const { states: sendingStates } = journey.createStateConfig({
  states: {
    sendDue: {
      description: 'A code is due: decides whether it can be sent now.',
      meta: { step: 'sending' },
      entry: 'resumeExpiry',
      always: [
        { guard: 'isLocked', target: 'locked' },
        { guard: 'isOverSendLimit', target: 'stalled', actions: { type: 'setStall', params: { reason: 'sendLimit' } } },
        { guard: 'isCoolingDown', target: 'coolingDown' },
        { guard: 'needsUserRecord', target: 'readingRecord' },
        { target: 'sending' },
      ],
    },
    coolingDown: {
      description: 'Waits for the cool-down after the last send.',
      meta: { step: 'sending' },
      after: { cooldown: 'sendDue' },
      on: { pause: pauseFrom('sending'), cancel: '#cancelled', adoptPolicy: adoptPolicyIn('sendDue') },
    },
    readingRecord: {
      description: "Only an operator marked the e-mail as verified: reads the provider's record before a text is sent.",
      meta: { step: 'sending' },
      ...readsRecord,
      on: {
        'record.read': [verifiedByRecord, agreedTo('sending'), stalledByRecord],
        'record.*': stalledByRecord,
      },
    },
    sending: {
      description:
        'The one send request to the provider is in flight. It is retried if it does not reach the provider.',
      meta: { step: 'sending' },
      tags: 'sending',
      entry: ['ensureSendOpen', sendCode],
      on: {
        'send.sent': codeMayBeSent,
        'send.alreadyVerified': verifiedBySend,
        'send.outOfService': [{ guard: 'willRetryAutomatically', ...codeMayBeSent }, stalledBySend],
        'send.unknown': [{ guard: 'wasLastAttempt', ...stalledBySend }, codeMayBeSent],
        'send.*': stalledBySend,
        pause: stopTo('paused'),
        cancel: stopTo('cancelled'),
      },
    },
    stopping: {
      description: 'Paused or cancelled while a send was in flight: waits for its outcome.',
      meta: { step: 'sending' },
      tags: 'busy',
      entry: 'stopSend',
      on: {
        'send.sent': stoppedAt('awaitingCode'),
        'send.alreadyVerified': stoppedAt('verified'),
        'send.unreached': stoppedAt('sending'),
        'send.rateLimited': stoppedAt('sending'),
        'send.stopped': stoppedAt('sending'),
        'send.outOfService': [{ guard: 'willRetryAutomatically', ...stoppedAt('awaitingCode') }, stoppedInStall],
        'send.unknown': [{ guard: 'wasLastAttempt', ...stoppedInStall }, stoppedAt('awaitingCode')],
        'send.*': stoppedInStall,
      },
    },
    stopped: {
      description: 'The outcome of the send is recorded.',
      meta: { step: 'sending' },
      always: [{ guard: 'shouldCancelAfterStop', target: '#cancelled' }, { target: 'paused' }],
    },
    recoveryDue: {
      description: 'Recovery sends a code: decides whether to read the provider record first.',
      meta: { step: 'stalled' },
      always: [
        { guard: 'isLocked', target: 'locked' },
        { guard: 'needsUserRecord', target: 'readingForRecovery' },
        { target: 'recovering' },
      ],
    },
    readingForRecovery: {
      description: 'Only an operator marked the e-mail as verified: reads the record before recovery sends a text.',
      meta: { step: 'stalled' },
      ...readsRecord,
      on: {
        'record.read': [verifiedByRecord, agreedTo('recovering'), stalledByRecord],
        'record.*': stalledByRecord,
      },
    },
    recovering: {
      description: 'Recovery sends the code in a single attempt. Without an answer, the journey stays stalled.',
      meta: { step: 'stalled' },
      tags: 'busy',
      entry: ['ensureSendOpen', sendCodeOnce],
      on: {
        'send.sent': codeMayBeSent,
        'send.unknown': codeMayBeSent,
        'send.alreadyVerified': verifiedBySend,
        'send.*': stalledBySend,
      },
    },
  },
});
