import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setup } from '../../client/setup.ts';
import { bareNamespace, clientOf, closeClients, examined, ours } from '../support/examined.ts';
import { guard } from '../support/guarded.ts';
import type { GuardedServer } from '../support/guarded.ts';

afterEach(closeClients);

describe('a caller who may not do everything', () => {
  let guarded: GuardedServer;
  beforeAll(async () => {
    guarded = await guard(ours, [
      'ListSearchAttributes',
      'AddSearchAttributes',
      'UpdateNamespace',
      'StartWorkflowExecution',
    ]);
  });
  afterAll(() => guarded.close());
  const strange = (namespace: string) => clientOf({ address: guarded.address, namespace });

  it('need not, where nothing has to change', async () => {
    expect(await setup(strange('default'))).toMatchObject({ added: [], mistyped: [], retentionRaised: false });
  });

  it('is told by setup what is to be run by somebody who may', async () => {
    const namespace = await bareNamespace(30);
    await expect(setup(strange(namespace))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(
        new RegExp(`not permitted to this caller.*temporal operator search-attribute create -n ${namespace}`),
      ),
    });
    const short = await bareNamespace(3);
    await setup(clientOf({ namespace: short }));
    const seconds = proto.google.protobuf.Duration.fromObject({ seconds: 3 * 86_400 });
    const config = { workflowExecutionRetentionTtl: seconds };
    await clientOf().workflowService.updateNamespace({ namespace: short, config });
    const command = `temporal operator namespace update -n ${short} --retention 30d`;
    await expect(setup(strange(short))).rejects.toThrow(command);
  });

  it('is told by the examination what may not be looked at', async () => {
    const found = await examined(strange('default'), { taskQueue: `nobodys-${randomUUID()}` });
    expect(found.searchAttributes).toMatchObject({ ok: true, found: 'all 5 are there' });
    expect(found.worker).toMatchObject({ ok: false, found: 'Temporal says: Request unauthorized.' });
    const missing = await examined(strange(await bareNamespace(30)), { wait: 0 });
    expect(missing.searchAttributes).toMatchObject({
      ok: false,
      found: expect.stringContaining('missing: Onboarding'),
    });
  });
});

it('says how to create a namespace that is not there', async () => {
  await expect(setup(clientOf({ namespace: 'nowhere' }))).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringMatching(/no namespace 'nowhere': .* temporal operator namespace create -n nowhere$/),
  });
});
