import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './client.ts';

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 10_000, retry: (failures, error) => failures < 1 && isTransient(error) } },
  });
}

/** Only errors that may be temporary are retried. */
function isTransient(error: Error): boolean {
  return !(error instanceof ApiProblem) || error.details.status >= 500;
}
