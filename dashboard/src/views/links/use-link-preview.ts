import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { linkPreviewSchema } from '#schemas/api/links.ts';
import { useApi } from '../../api/context.tsx';

/** Milliseconds after the last change. */
const pause = 500;

/** Reads the page of a destination, once nothing was typed for a moment. */
export function useLinkPreview(destination: string) {
  const api = useApi();
  const url = useSettled(destination.trim());
  return useQuery({
    queryKey: ['link-preview', url],
    enabled: /^[a-z][a-z+.-]*:[^\s]*[^\s/:]/i.test(url),
    staleTime: Infinity,
    queryFn: ({ signal }) => api.send('get', '/link-preview', linkPreviewSchema, { query: { url }, signal }),
  });
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
