const { default: Sequencer } = require('@jest/test-sequencer');

/** On a machine that has not run them yet, Jest would start with the largest files. */
const longest = [
  'proofs/proofs',
  'end-to-end/recovery',
  'exploration/exploration',
  'client/console/screens',
  'system/processes/killed-worker',
  'client/gateway/silent-temporal',
  'end-to-end/what-if',
  'end-to-end/operations',
  'client/console/person',
  'client/gateway/erase',
  'end-to-end/reconciliation',
  'client/gateway/what-ifs',
  'end-to-end/limits',
  'system/processes/scripts',
  'sandbox/stack',
  'system/processes/key-rotation',
  'replay/replay',
  'client/console/reconciliations',
  'client/console/people',
  'end-to-end/ended-commands',
  'end-to-end/outage-over-night',
  'client/cli/commands',
  'system/chaos/chaos',
  'system/outage/outage',
  'system/processes/suspended-worker',
  'client/gateway/generated-clients',
  'activities/webhook-receiver',
  'client/http-client/responses',
];

/** Starts the files that take longest first, so that none of them is left over at the end. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = longest.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
      return found === -1 ? longest.length : found;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- not an array's
    return super.sort(tests).toSorted((a, b) => place(a) - place(b));
  }
};
