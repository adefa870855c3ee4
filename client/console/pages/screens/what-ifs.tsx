import { useState } from 'preact/hooks';
import { client, messageOf } from '../api.js';
import { Card, Columns, Empty, Problem, ScrollRegion, Time } from '../components/ui.js';
import { useClock, useLoaded } from '../hooks/live.js';
import { number } from '../labels.js';
import { go, whatIfAddress } from '../router.js';
import { WhatIfBadge } from './what-if.js';

const REFRESH_MS = 5_000;

/** Starts what-ifs and lists them. */
export function WhatIfsScreen() {
  const clock = useClock();
  const loaded = useLoaded(() => client.whatIfs({ limit: 50 }), [Math.floor(clock / REFRESH_MS)]);
  const items = loaded.value?.items ?? [];
  return (
    <>
      <h1>What if?</h1>
      <StartCard />
      <Card title="What-ifs">
        {loaded.problem !== undefined && <Problem>{loaded.problem}</Problem>}
        {loaded.value !== undefined && items.length === 0 && (
          <Empty title="None yet.">
            A what-if compares real journeys with what they would have been under another policy. Start one here, or
            with <code>onward what-if --policy new.yml</code>.
          </Empty>
        )}
        {items.length > 0 && (
          <ScrollRegion label="What-ifs">
            <table class="people">
              <Columns words={['When', 'State', 'Journeys', 'Undecided', 'By']} />
              <tbody>
                {items.map(({ id, at, state, done, total, results, by }) => (
                  <tr key={id}>
                    <th scope="row">
                      <a href={whatIfAddress(id)}>
                        <Time at={at} now={clock} />
                      </a>
                    </th>
                    <td>
                      <WhatIfBadge state={state} />
                    </td>
                    <td>
                      {number(done)} of {number(total)}
                    </td>
                    <td>{number(results.undecided)}</td>
                    <td>{by}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        )}
      </Card>
    </>
  );
}

const EXAMPLE = '{ "guesses": { "perCode": 3, "perChannel": 10 } }';

function parsePolicy(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`The policy must be JSON, such as ${EXAMPLE}: ${messageOf(error)}`, { cause: error });
  }
}

function StartCard() {
  const [text, setText] = useState(EXAMPLE);
  const [problem, setProblem] = useState<string>();
  const start = async (event: Event) => {
    event.preventDefault();
    try {
      const { id } = await client.startWhatIf({ policy: parsePolicy(text) });
      go(whatIfAddress(id));
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <Card title="Start a what-if">
      <form class="what-if-form" onSubmit={start}>
        <label for="what-if-policy">
          The other policy: the keys of a policy file, as JSON. Keys that it leaves out have their defaults. No journey
          is changed.
        </label>
        <textarea
          id="what-if-policy"
          rows={6}
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        {problem !== undefined && <Problem>{problem}</Problem>}
        <div class="buttons">
          <button class="primary">Compare all journeys</button>
        </div>
      </form>
    </Card>
  );
}
