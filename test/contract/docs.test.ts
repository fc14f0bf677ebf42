import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });
const folders = globSync('*/', { cwd: root, exclude: ['node_modules/'] }).map((folder) => folder.replace(/\/$/, ''));

/** Matches files and folders of this repository in code style, without patterns and placeholders. */
const pathPattern = new RegExp(`\`((?:${folders.join('|')})/[^\`\\s*<…{]*)\``, 'g');
const linkPattern = /\]\((?!https?:)([^)]+)\)/g;

describe.each(documents)('%s', (document) => {
  const text = readFileSync(path.join(root, document), 'utf8');

  it('mentions only existing files', () => {
    const named = [...text.matchAll(pathPattern)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });

  it('links only to existing files and headings', () => {
    const links = [...text.matchAll(linkPattern)].map(([, link]) => link ?? '');
    expect(links.filter((link) => !leadsSomewhere(document, link))).toEqual([]);
  });
});

function leadsSomewhere(document: string, link: string): boolean {
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? path.join(root, document) : path.join(root, path.dirname(document), target);
  return existsSync(file) && (anchor === undefined || anchorsIn(readFileSync(file, 'utf8')).includes(anchor));
}

/** Returns the anchors that GitHub gives the headings. */
function anchorsIn(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
}
