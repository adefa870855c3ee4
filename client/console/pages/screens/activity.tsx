import { queryOf } from '#http-request';
import { useEffect, useState } from 'preact/hooks';
import type { ActPage } from 'onward/client';
import { client, messageOf } from '../api.js';
import { Badge, Columns, Empty, Problem, ScrollRegion, Time } from '../components/ui.js';
import { useClock, useLoaded } from '../hooks/live.js';
import type { Tone } from '../labels.js';
import { go, operationAddress, personAddress, reconciliationAddress, whatIfAddress } from '../router.js';

type Act = ActPage['items'][number];
const fields = ['userId', 'by', 'act', 'result'] as const;
type Field = (typeof fields)[number];

const fieldLabels: { readonly [F in Field]: string } = {
  userId: 'User id',
  by: 'Operator',
  act: 'Act, such as pause',
  result: 'Result',
};
const tones: { readonly [R in Act['result']]: Tone } = { applied: 'good', refused: 'warn', failed: 'bad' };

const REFRESH_MS = 5_000;

/** The acts of operators: operator, action, user, reason and result. The filter is in the URL. */
export function ActivityScreen({ query }: { query: URLSearchParams }) {
  const given = fields.flatMap((field) => {
    const value = query.get(field) ?? '';
    return value === '' ? [] : [[field, value] as const];
  });
  const filter = Object.fromEntries(given) as Parameters<typeof client.actsCsv>[0];
  const key = JSON.stringify(filter);
  const clock = useClock();
  const first = useLoaded(() => client.acts({ ...filter, limit: 50 }), [key, Math.floor(clock / REFRESH_MS)]);
  const [frozen, setFrozen] = useState<{ readonly items: readonly Act[]; readonly next: string | null }>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => setFrozen(undefined), [key]);
  const { items = [], next = null } = frozen ?? first.value ?? {};
  // With older pages, the list stays as it is: acts that arrive meanwhile would move the pages.
  const more = async () => {
    try {
      const page = await client.acts({ ...filter, limit: 50, cursor: next ?? undefined });
      setFrozen({ items: [...items, ...page.items], next: page.next });
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <>
      <div class="title">
        <h1>Activity</h1>
        <a class="button" href={`/v1/acts.csv${queryOf(filter)}`} download>
          Export as CSV
        </a>
      </div>
      <FilterForm key={key} given={Object.fromEntries(given)} />
      {(problem ?? first.problem) !== undefined && <Problem>{problem ?? first.problem}</Problem>}
      {first.value !== undefined && items.length === 0 && next === null && (
        <Empty title="No act matches.">
          Every command of an operator is listed here for as long as the namespace keeps closed workflows.
        </Empty>
      )}
      {items.length > 0 && <ActTable items={items} />}
      {frozen !== undefined && (
        <button class="more" onClick={() => setFrozen(undefined)}>
          Show the newest only, live
        </button>
      )}
      {next !== null && (
        <button class="more" onClick={more}>
          Show older
        </button>
      )}
    </>
  );
}

function FilterForm({ given }: { given: { readonly [F in Field]?: string } }) {
  const submit = (event: Event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const chosen = fields.map((field) => {
      const value = data.get(field);
      return [field, typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined];
    });
    go(`/console/activity${queryOf(Object.fromEntries(chosen))}`);
  };
  return (
    <form class="chips" onSubmit={submit}>
      {fields.map((field) => (
        <label key={field}>
          {fieldLabels[field]}
          {field === 'result' ? (
            <select name={field} class="pill">
              <option value="">Any</option>
              {Object.keys(tones).map((result) => (
                <option key={result} value={result} selected={result === given.result}>
                  {result}
                </option>
              ))}
            </select>
          ) : (
            <input name={field} defaultValue={given[field] ?? ''} />
          )}
        </label>
      ))}
      <button>Filter</button>
    </form>
  );
}

function ActTable({ items }: { items: readonly Act[] }) {
  const clock = useClock();
  return (
    <ScrollRegion label="Acts">
      <table class="people list">
        <Columns words={['When', 'Operator', 'Act', 'To', 'Result', 'Reason']} />
        <tbody>
          {items.map(({ requestId, at, by, act, userId, subject, result, status, reason }) => (
            <tr key={requestId}>
              <td>
                <Time at={at} now={clock} />
              </td>
              <td>{by.name}</td>
              <td title={act}>{actLabel(act)}</td>
              <td>
                {userId !== null && <a href={personAddress(userId)}>{userId}</a>}
                <Subject act={act} subject={subject} />
              </td>
              <td>
                <Badge tone={tones[result]}>
                  {result} ({status})
                </Badge>
              </td>
              <td>{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** `approveOperation` as words. */
const actLabel = (act: string) => act.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The pages of what acts are about: by the acts that name an id, and by the path of a resource. */
const pages = [
  {
    label: 'operation',
    acts: ['approveOperation', 'rejectOperation', 'stopOperation'],
    path: '/v1/operations/',
    address: operationAddress,
  },
  {
    label: 'reconciliation',
    acts: ['stopReconciliation'],
    path: '/v1/reconciliations/',
    address: reconciliationAddress,
  },
  { label: 'what-if', acts: ['stopWhatIf'], path: '/v1/what-ifs/', address: whatIfAddress },
] as const;

/** What an act was about, if not a person: an operation, a reconciliation or a what-if as a link. */
function Subject({ act, subject }: Pick<Act, 'act' | 'subject'>) {
  if (subject === null) return null;
  for (const { label, acts, path, address } of pages) {
    const id: string = subject.startsWith(path) ? subject.slice(path.length) : subject;
    if (id !== subject || acts.some((each) => each === act)) return <a href={address(id)}>{label}</a>;
  }
  return <>{subject}</>;
}
