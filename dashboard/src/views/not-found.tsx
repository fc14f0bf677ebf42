import { ApiProblem } from '../api/client.ts';
import { LoadError } from '../components/panel.tsx';
import { Link } from '../router/link.tsx';
import { Heading } from './shell/heading.tsx';

/** Replaces a view whose page or link could not be loaded. */
export function LoadFailed({ error, retry }: { error: Error; retry: () => void }) {
  if (isNotFound(error)) return <NotFound />;
  return (
    <>
      <Heading title="Temporarily unavailable" />
      <LoadError error={error} retry={retry} />
    </>
  );
}

export function isNotFound(error: Error): boolean {
  return error instanceof ApiProblem && error.details.status === 404;
}

export function NotFound() {
  return (
    <>
      <Heading title="Page not found" />
      <p>
        The page doesn’t exist, or you don’t have access to it. <Link to="/">Go to your pages</Link>
      </p>
    </>
  );
}
