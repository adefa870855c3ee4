import type { Client } from '@temporalio/client';
import { AccountTypeDiffers, InvalidState } from '../../client/errors.ts';
import { ended, previewCommand } from '../../client/journeys/preview-command.ts';
import type { CommandOutcome } from '../../client/journeys/preview-command.ts';
import { CLOSED, sendUpdate } from '../../client/journeys/idempotent-update.ts';
import type { JourneyStarter } from '../../client/journeys/start.ts';
import { reconciliationActor, reconciliationOutcomes } from '../../workflows/reconciliation/contract.ts';
import type {
  Difference,
  DifferenceType,
  ReconciledUser,
  ReconcileRequest,
} from '../../workflows/reconciliation/contract.ts';
import { concernsOneJourney } from './one-journey.ts';

/** How long to wait for the reply of one journey. */
const UPDATE_TIMEOUT_MS = 10_000;

type Outcome = Pick<ReconciledUser, 'outcome' | 'until' | 'why'>;

const plain = (outcome: Outcome['outcome']): Outcome => ({ outcome, until: null, why: null });

/** Creates a function that acts on a difference, or in a dry run returns the action. It never sends a code. */
export function createReconciler(
  client: Client,
  starter: JourneyStarter,
  request: ReconcileRequest,
): (difference: Difference) => Promise<ReconciledUser> {
  const act: { readonly [D in DifferenceType]: (difference: Difference) => Promise<Outcome> } = {
    noJourney: (difference) => (request.dryRun ? previewStart(difference) : start(starter, difference)),
    verified: ({ userId }) => recheck(client, userId, request),
    unsupported: ({ userId }) => recheck(client, userId, request),
    supported: ({ userId }) => recheck(client, userId, request),
    partlyVerified: async () => plain('reported'),
    notRegistered: async () => plain('reported'),
  };
  return async (each) => ({ userId: each.userId, difference: each.difference, ...(await act[each.difference](each)) });
}

async function previewStart({ notBefore = 0 }: Difference): Promise<Outcome> {
  if (notBefore <= Date.now()) return plain('started');
  return { ...plain('later'), until: new Date(notBefore).toISOString() };
}

/** The provider has mailed a first code on registration, so the journey waits for it and sends none. */
async function start(starter: JourneyStarter, { userId, accountType = 'individual' }: Difference): Promise<Outcome> {
  try {
    const { started } = await starter.start(userId, { accountType, firstEmail: 'alreadySent' });
    return plain(started ? 'started' : 'existing');
  } catch (error) {
    if (error instanceof AccountTypeDiffers) return plain('existing');
    throw error;
  }
}

async function recheck(client: Client, userId: string, { id, dryRun, reason }: ReconcileRequest): Promise<Outcome> {
  if (dryRun) return toOutcome(await previewCommand(client, userId, { command: 'recheck' }));
  const caller = { ...reconciliationActor, once: `reconciliation:${id}` };
  try {
    const reply = await sendUpdate(client, userId, 'recheck', { reason }, caller, UPDATE_TIMEOUT_MS);
    return toOutcome(reply === CLOSED ? await ended(client, userId, 'recheck') : reply.preview);
  } catch (error) {
    if (error instanceof InvalidState) return { ...plain('invalidState'), why: error.message };
    if (concernsOneJourney(error, userId)) return plain('unanswered');
    throw error;
  }
}

function toOutcome({ outcome, until, why }: CommandOutcome): Outcome {
  const known = reconciliationOutcomes.find((each) => each === outcome);
  return { outcome: known ?? 'rechecked', until, why };
}
