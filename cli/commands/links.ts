import type { CommandGroup } from '#cli/command.ts';
import { addLink } from '#cli/links/add-link.ts';
import { deleteLink, listLinks, releaseCode, showLink, switches, switchLink } from '#cli/links/change-link.ts';
import { exportLinks } from '#cli/links/export-links.ts';
import { importLinks } from '#cli/links/import-links.ts';

export const command: CommandGroup = {
  kind: 'group',
  summary: 'Create, list, change, import and export links',
  commands: {
    add: addLink,
    list: listLinks,
    show: showLink,
    disable: switchLink(switches.disable),
    enable: switchLink(switches.enable),
    archive: switchLink(switches.archive),
    unarchive: switchLink(switches.unarchive),
    delete: deleteLink,
    release: releaseCode,
    import: importLinks,
    export: exportLinks,
  },
};
