import { and, not, setup } from 'xstate';
import { actions } from './actions.ts';
import type { JourneyContext, JourneyInput } from '../context.ts';
import { effects } from './effects.ts';
import type { JourneyEvent } from '../events.ts';
import { guards } from './guards.ts';
import type { StateMeta } from './meta.ts';
import { delays } from './time.ts';

/** What the states of the machine refer to by name. */
export const journey = setup({
  types: {
    context: {} as JourneyContext,
    input: {} as JourneyInput,
    events: {} as JourneyEvent,
    tags: {} as 'busy' | 'sending',
    meta: {} as StateMeta,
  },
  delays,
  actions: { ...effects, ...actions },
  guards: {
    ...guards,
    canSubmitCode: and(['isForCurrentChannel', 'hasCodeBeenSent', 'hasGuessesLeft']),
    canSend: and([not('isCoolingDown'), not('isOverSendLimit')]),
    canResend: and(['isForCurrentChannel', not('wasSentSince'), 'canSend']),
    canRecover: and(['isForRecovery', 'canSend']),
    recordNowAgrees: and(['needsUserRecord', not('recordWantsEmail')]),
  },
});
