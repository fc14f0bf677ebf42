import { SegmentedControl } from '../components/segmented-control.tsx';

export type ChartOrTable = 'chart' | 'table';

const options = [
  { value: 'chart', label: 'Chart' },
  { value: 'table', label: 'Table' },
] as const;

interface ChartOrTableControlProps {
  label: string;
  value: ChartOrTable;
  onChange: (value: ChartOrTable) => void;
}

export function ChartOrTableControl(props: ChartOrTableControlProps) {
  return <SegmentedControl options={options} {...props} />;
}
