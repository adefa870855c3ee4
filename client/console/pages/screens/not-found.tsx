import { Empty } from '../components/ui.js';

/** The page of an unknown path. */
export function NotFoundScreen() {
  return (
    <>
      <h1>Page not found</h1>
      <Empty title={location.pathname}>
        is not a page of the console. Go to the <a href="/console/">overview</a> or to{' '}
        <a href="/console/people">people</a>, or search with <kbd>Ctrl K</kbd>.
      </Empty>
    </>
  );
}
