/** The descriptions of blockers, for operators. */

type Phrase =
  | 'noWorker'
  | 'codeError'
  | 'slowReplay'
  | 'providerRefuses'
  | 'unknownUser'
  | 'unsupported'
  | 'sendBudget'
  | 'operator'
  | 'time'
  | 'user'
  | 'retried';

export const phrases: { readonly [K in Phrase]: (journeys: string, names: readonly string[]) => string } = {
  noWorker: (journeys, queues) => `no worker polls ${queues.join(', ')}: start one; ${journeys} may be waiting for it`,
  codeError: (journeys, users) =>
    `a workflow code error stops ${journeys}, such as ${users.join(', ')}: the workflow task fails repeatedly; deploy a fix or the previous version`,
  slowReplay: (journeys, users) =>
    `workers do not finish workflow tasks in time for ${journeys}, such as ${users.join(', ')}: a history takes too long to replay, or the workers are overloaded; the code is correct`,
  providerRefuses: (journeys) =>
    `the provider refuses ${journeys}: each status shows the reason, and only an operator can retry`,
  unknownUser: (journeys) =>
    `the provider does not know the user of ${journeys} yet: register the user there; recovery retries once an hour`,
  unsupported: (journeys) =>
    `the provider does not serve the users of ${journeys}: only an operator can override or cancel`,
  sendBudget: (journeys) =>
    `the send budget is used up: ${journeys} stalled; they continue in the next hour or day. See which token requests codes (onward_sends_requested_total), or raise \`sendBudget\` in the policy file`,
  operator: (journeys) => `${journeys} locked or paused until an operator acts`,
  time: (journeys) => `${journeys} at the send limit; they continue automatically`,
  user: (journeys) => `${journeys} in progress: a code is being sent, or the user must act`,
  retried: (journeys) => `${journeys} not stalled: a send is being retried, or the user must act`,
};

export const many = (count: number) => `${count} ${count === 1 ? 'journey' : 'journeys'}`;
