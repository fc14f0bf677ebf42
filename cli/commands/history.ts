import type { CommandGroup } from '#cli/command.ts';
import { pullHistory, resumePull } from '#cli/history/pull-history.ts';
import { importHistory } from '#cli/history/import-history.ts';
import { listHistory, undoHistory } from '#cli/history/list-history.ts';

export const command: CommandGroup = {
  kind: 'group',
  summary: 'Import or pull clicks and views that other tools have counted, list and undo imports',
  commands: { import: importHistory, pull: pullHistory, resume: resumePull, list: listHistory, undo: undoHistory },
};
