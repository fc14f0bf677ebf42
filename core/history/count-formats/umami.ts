import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { hasColumns, readCsv } from '../csv-reading.ts';
import type { HistoryFormat } from '../format.ts';
import { readCount } from './count-cells.ts';

/** The export of Umami: visitors of each page, at most 500 pages, of a range that it does not name. Source: docs/imports.md#umami. */
export const umami: HistoryFormat = {
  name: 'umami',
  tool: 'umami',
  title: 'the export of Umami (ZIP with `pages.csv`)',
  grain: 'counts',
  detects: (head) => (head.name === 'pages.csv' && hasColumns(head, ['x', 'y'])) || isPacked(head.text),
  open: ({ file }, sink) => {
    if (file !== 'pages.csv')
      throw new UnreadableFile(
        'this is the response of Umami’s API, with a ZIP in base64. Unpack it, or use the export of its website',
      );
    sink.note(
      'The export of Umami has no dates: it is imported as one total, of the visitors of each page, added up. Another range is another total.',
    );
    return readCsv({
      columns: { page: ['x'], visitors: ['y'] },
      required: ['page', 'visitors'],
      sink,
      onRow: (row) => {
        const views = readCount(row, 'visitors');
        if (views !== undefined) sink.row({ grain: 'total', line: row.line, at: null, views, adds: true });
      },
    });
  },
};

function isPacked(text: string): boolean {
  return /^\s*\{\s*"zip"\s*:\s*"UEsD/.test(text);
}
