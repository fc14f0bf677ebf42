import type { ShareExtra } from '#schemas/api/shares.ts';
import { FunnelPanel } from './funnel-panel.tsx';
import { type InsightsProps, RetentionPanel } from './retention-panel.tsx';

/** @param extras what a share shows. @default - everything */
export default function InsightsView({ extras, ...props }: InsightsProps & { extras?: readonly ShareExtra[] }) {
  return (
    <div className="grid">
      {(extras?.includes('retention') ?? true) && <RetentionPanel {...props} />}
      {(extras?.includes('funnels') ?? true) && <FunnelPanel {...props} />}
    </div>
  );
}
