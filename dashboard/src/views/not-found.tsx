import { ApiProblem } from '../api/client.ts';
import { LoadError } from '../components/panel.tsx';
import { Link } from '../router/link.tsx';
import { Heading } from './shell/heading.tsx';

/** What stands in place of a view whose subject could not be read: it is not there, or nobody can say. */
export function LoadFailed({ error, retry }: { error: Error; retry: () => void }) {
  if (error instanceof ApiProblem && error.details.status === 404)
    return <NotFound why="There is nothing here, or it is not yours to see." />;
  return (
    <>
      <Heading title="Not to be read at the moment" />
      <LoadError error={error} retry={retry} />
    </>
  );
}

export function NotFound({ why = 'This address shows nothing.' }: { why?: string }) {
  return (
    <>
      <Heading title="Nothing here" />
      <p>
        {why} <Link to="/">Go to the start</Link>.
      </p>
    </>
  );
}
