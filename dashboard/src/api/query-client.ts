import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './client.ts';

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { staleTime: 10_000, retry: (failures, error) => failures < 1 && mayPass(error) } },
  });
}

/** Only what may be a passing fault is asked again. */
function mayPass(error: Error): boolean {
  return !(error instanceof ApiProblem) || error.details.status >= 500;
}
